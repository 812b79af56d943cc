// SPDX-License-Identifier: Apache-2.0

/// Reads messages in text format by descriptor (protobuf.dev, "Text Format Language
/// Specification", Syntax Elements). `TextParser+Values.swift` reads what is not a message.
struct TextParser {
  var scanner: TextScanner
  private let options: TextDecodingOptions
  private var depthLeft: Int

  init(_ bytes: [UInt8], _ options: TextDecodingOptions) {
    scanner = TextScanner(bytes)
    self.options = options
    depthLeft = options.depthLimit
  }

  /// What was set in one message already.
  private struct Seen {
    var numbers: Set<Int32> = []
    var oneofs: [Int: String] = [:]
  }

  /// Reads a whole text.
  mutating func parse(into message: inout DynamicMessage) throws(TextFormatError) {
    try fields(of: &message, until: nil)
    try checkRequired(message, at: nil)
  }

  private func checkRequired(
    _ message: DynamicMessage, at place: Int?
  ) throws(TextFormatError) {
    if !options.allowsMissingFields, let path = message.missingRequiredField {
      throw scanner.error("the required field \(path) is missing", at: place)
    }
  }

  /// Reads fields up to a closing brace, or to the end of the text.
  private mutating func fields(
    of message: inout DynamicMessage, until end: UInt8?
  ) throws(TextFormatError) {
    var seen = Seen()
    while let next = scanner.peek() {
      if let end, next == end {
        _ = scanner.take(end)
        return
      }
      try field(of: &message, &seen)
      if !scanner.take(UInt8(ascii: ",")) { _ = scanner.take(UInt8(ascii: ";")) }
    }
    if let end { throw scanner.error("\"\(Character(Unicode.Scalar(end)))\" is expected") }
  }

  private mutating func field(
    of message: inout DynamicMessage, _ seen: inout Seen
  ) throws(TextFormatError) {
    _ = scanner.peek()
    let place = scanner.position
    let field: FieldDescriptor?
    let name: String
    if scanner.take(UInt8(ascii: "[")) {
      name = try scanner.bracketed()
      if name.contains("/") { return try any(&message, name, &seen, place) }
      field = message.descriptor.extensionField(inBrackets: name)
    } else if let identifier = scanner.identifier() {
      name = identifier
      field = message.descriptor.field(inText: name)
    } else {
      throw scanner.error("the name of a field is expected")
    }
    guard let field else {
      let type = message.descriptor.fullName
      throw scanner.error("\(type) has no field \(name)", at: place)
    }
    try mark(field, &seen, place)
    try value(of: field, in: &message)
  }

  /// Notes that a field is set, which a singular one and a oneof can be only once.
  private func mark(
    _ field: FieldDescriptor, _ seen: inout Seen, _ place: Int
  ) throws(TextFormatError) {
    if field.isRepeated { return }
    guard seen.numbers.insert(field.number).inserted else {
      throw scanner.error("the field \(field.name) is set twice", at: place)
    }
    if let oneof = field.record.oneof,
      let other = seen.oneofs.updateValue(field.name, forKey: oneof)
    {
      let text = "the fields \(other) and \(field.name) are of one oneof"
      throw scanner.error(text, at: place)
    }
  }

  private mutating func value(
    of field: FieldDescriptor, in message: inout DynamicMessage
  ) throws(TextFormatError) {
    let hasColon = scanner.take(UInt8(ascii: ":"))
    if field.messageType == nil, !hasColon { throw scanner.error("\":\" is expected") }
    guard scanner.peek() == UInt8(ascii: "[") else {
      return try element(of: field, in: &message)
    }
    guard field.isRepeated else {
      throw scanner.error("the field \(field.name) has one value, not a list")
    }
    try scanner.expect("[")
    if scanner.take(UInt8(ascii: "]")) { return }
    repeat {
      try element(of: field, in: &message)
    } while scanner.take(UInt8(ascii: ","))
    try scanner.expect("]")
  }

  /// Reads a value, and sets the field or adds to it.
  private mutating func element(
    of field: FieldDescriptor, in message: inout DynamicMessage
  ) throws(TextFormatError) {
    if let key = field.mapKey, let value = field.mapValue {
      let entry = try nested(key.containingType)
      message.put(entry.value(of: value), key: entry.value(of: key), in: field)
      return
    }
    let value: DynamicValue =
      if let type = field.messageType { .message(try nested(type)) } else {
        try scalar(of: field)
      }
    if field.isRepeated {
      message.append([value], to: field)
    } else {
      message.put(value, in: field)
    }
  }

  /// Reads a message in braces.
  private mutating func nested(
    _ type: MessageDescriptor
  ) throws(TextFormatError) -> DynamicMessage {
    let end: UInt8
    if scanner.take(UInt8(ascii: "{")) {
      end = UInt8(ascii: "}")
    } else if scanner.take(UInt8(ascii: "<")) {
      end = UInt8(ascii: ">")
    } else {
      throw scanner.error("a message in braces is expected")
    }
    guard depthLeft > 0 else { throw scanner.error("messages are nested too deeply") }
    depthLeft -= 1
    var message = DynamicMessage(type)
    try fields(of: &message, until: end)
    depthLeft += 1
    return message
  }

  /// Reads the message of a `google.protobuf.Any`, whose type stands in brackets.
  private mutating func any(
    _ message: inout DynamicMessage, _ url: String, _ seen: inout Seen, _ place: Int
  ) throws(TextFormatError) {
    guard let (urlField, valueField) = message.descriptor.anyFields else {
      let type = message.descriptor.fullName
      throw scanner.error("\(type) is not a google.protobuf.Any", at: place)
    }
    guard !url.hasPrefix("/") else {
      throw scanner.error("a name is expected before the slash of [\(url)]", at: place)
    }
    let name = url.lastIndex(of: "/").map { String(url[url.index(after: $0)...]) } ?? url
    let pool = options.pool ?? message.descriptor.pool
    guard let type = pool.message(named: name) else {
      throw scanner.error("the type \(name) is not known", at: place)
    }
    try mark(urlField, &seen, place)
    try mark(valueField, &seen, place)
    _ = scanner.take(UInt8(ascii: ":"))
    let inner = try nested(type)
    try checkRequired(inner, at: place)
    message.put(.string(url), in: urlField)
    message.put(.bytes(inner.encoded(sortingMaps: true)), in: valueField)
  }
}
