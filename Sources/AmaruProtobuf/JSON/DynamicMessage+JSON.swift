// SPDX-License-Identifier: Apache-2.0

// The JSON form by descriptor, with the rules of generated code.
extension DynamicMessage {
  /// Reads a message from its JSON form (protobuf.dev, "ProtoJSON Format").
  public init(
    _ descriptor: MessageDescriptor, json text: RawSpan,
    options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONDecodingError) {
    var reader = JSONReader(text, options: descriptor.completing(options))
    try self.init(descriptor, whole: &reader)
  }

  /// Reads a message from its JSON form (protobuf.dev, "ProtoJSON Format").
  public init(
    _ descriptor: MessageDescriptor, json text: String,
    options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONDecodingError) {
    var reader = JSONReader(text.utf8.span, options: descriptor.completing(options), file: nil)
    try self.init(descriptor, whole: &reader)
  }

  private init(
    _ descriptor: MessageDescriptor, whole reader: inout JSONReader
  ) throws(JSONDecodingError) {
    try self.init(descriptor, from: &reader)
    try reader.finish()
    if let path = missingRequiredField { throw reader.error(.missingRequiredField(path)) }
  }

  /// Reads a message of its own from a reader.
  init(
    _ descriptor: MessageDescriptor, from reader: inout JSONReader
  ) throws(JSONDecodingError) {
    self.init(descriptor)
    if let type = AnyContent.special[descriptor.fullName] {
      try readSpecial(&reader, type)
    } else {
      try readFields(&reader)
    }
  }

  /// Reads the form of a well-known type by way of its generated type.
  private mutating func readSpecial<M: Message>(
    _ reader: inout JSONReader, _ type: M.Type
  ) throws(JSONDecodingError) {
    let start = reader.mark
    let bytes = try M(from: &reader).encoded()
    do {
      var binary = Reader(bytes.span, depthLimit: .max)
      try merge(from: &binary)
    } catch {
      throw reader.error(.invalidForm(descriptor.fullName), at: start)
    }
  }

  private mutating func readFields(_ reader: inout JSONReader) throws(JSONDecodingError) {
    let hasType = reader.isAnyContent
    reader.isAnyContent = false
    try reader.open(UInt8(ascii: "{"), "an object")
    var isFirst = true
    var seen: Set<Int32> = []
    while try reader.nextKey(&isFirst) {
      let start = reader.mark
      let key = try reader.string()
      try reader.colon()
      if hasType, key == "@type" {
        try reader.skipValue()
      } else if let field = field(key: key) {
        guard seen.insert(field.number).inserted else {
          throw reader.error(.duplicateKey(JSONPlace.excerpt(key.utf8.span)), at: start)
        }
        try read(field, &reader)
      } else {
        reader.unknownKey = start
        try reader.unknownField(of: descriptor.fullName)
      }
    }
    reader.leave()
  }

  /// The field of a key: by JSON name, by proto name, or an extension in brackets.
  private func field(key: String) -> FieldDescriptor? {
    descriptor.field(jsonName: key) ?? field(named: key)
  }

  /// Reads the value of a field.
  mutating func read(
    _ field: FieldDescriptor, _ reader: inout JSONReader
  ) throws(JSONDecodingError) {
    if field.isRepeated || !field.readsJSONNull, reader.acceptNull() { return }
    if let (key, value) = field.mapEntryFields {
      return try readMap(field, key, value, &reader)
    }
    if field.isRepeated { return try readList(field, &reader) }
    if let oneof = field.oneof, self.field(of: oneof) != nil { throw reader.secondMember() }
    if let value = try field.element(&reader) { put(value, in: field) }
  }

  private mutating func readList(
    _ field: FieldDescriptor, _ reader: inout JSONReader
  ) throws(JSONDecodingError) {
    var elements: [DynamicValue] = []
    try reader.beginList()
    var isFirst = true
    while try reader.nextElement(&isFirst) {
      if reader.isNullNext, !field.readsJSONNull { throw reader.unexpectedNull() }
      if let value = try field.element(&reader) { elements.append(value) }
    }
    append(elements, to: field)
  }

  private mutating func readMap(
    _ field: FieldDescriptor, _ keyField: FieldDescriptor, _ valueField: FieldDescriptor,
    _ reader: inout JSONReader
  ) throws(JSONDecodingError) {
    var entries: [DynamicMapKey: DynamicValue] = [:]
    try reader.beginMap()
    var isFirst = true
    while try reader.nextKey(&isFirst) {
      let start = reader.mark
      guard let key = DynamicMapKey(try keyField.key(&reader)) else {
        throw reader.expected("a key")
      }
      try reader.colon()
      if reader.isNullNext, !valueField.readsJSONNull { throw reader.unexpectedNull() }
      if let value = try valueField.element(&reader),
        entries.updateValue(value, forKey: key) != nil
      {
        throw reader.duplicateKey(start)
      }
    }
    if !entries.isEmpty { values[field.number] = .map(entries) }
  }
}

extension MessageDescriptor {
  /// The options with the pool of the message where they have none.
  fileprivate func completing(_ options: JSONDecodingOptions) -> JSONDecodingOptions {
    var options = options
    if options.pool == nil { options.pool = pool }
    return options
  }
}

extension FieldDescriptor {
  /// Whether null in JSON is a value of the field.
  fileprivate var readsJSONNull: Bool {
    switch record.type {
    case .message(let index):
      pool.messageRecords[index].fullName == Google_Protobuf_Value.protoName
    case .enumeration(let index):
      pool.enumRecords[index].fullName == Google_Protobuf_NullValue.protoName
    case .scalar: false
    }
  }

  /// The fields of a map's entry.
  var mapEntryFields: (key: FieldDescriptor, value: FieldDescriptor)? {
    guard let key = mapKey, let value = mapValue else { return nil }
    return (key, value)
  }

  /// Reads a value, or an element of a list; nil for an enum's name that is unknown and ignored.
  func element(
    _ reader: inout JSONReader
  ) throws(JSONDecodingError) -> DynamicValue? {
    switch type {
    case .message(let type): return .message(try DynamicMessage(type, from: &reader))
    case .enumeration(let type): return try number(of: type, &reader).map { .enumeration($0) }
    case .scalar(let type): return try reader.scalar(type)
    }
  }

  /// Reads the key of a map.
  fileprivate func key(_ reader: inout JSONReader) throws(JSONDecodingError) -> DynamicValue {
    guard case .scalar(let type) = record.type else { throw reader.expected("a key") }
    return type == .bool ? .bool(try reader.boolKey()) : try reader.scalar(type)
  }

  private func number(
    of type: EnumDescriptor, _ reader: inout JSONReader
  ) throws(JSONDecodingError) -> Int32? {
    if reader.isNullNext, readsJSONNull, reader.takeNull() { return 0 }
    guard reader.token() == UInt8(ascii: "\"") else {
      let start = reader.mark
      let number = try reader.int32()
      if !type.isClosed || type.value(number: number) != nil { return number }
      if reader.options.ignoresUnknownFields { return nil }
      throw reader.error(
        .unknownEnumValue("\(number)", enumeration: type.fullName), at: start)
    }
    let start = reader.mark
    let name = try reader.string()
    if let value = type.value(named: name) { return value.number }
    if reader.options.ignoresUnknownFields { return nil }
    let excerpt = JSONPlace.excerpt(name.utf8.span)
    throw reader.error(.unknownEnumValue(excerpt, enumeration: type.fullName), at: start)
  }
}

extension JSONReader {
  fileprivate mutating func scalar(
    _ type: ScalarType
  ) throws(JSONDecodingError) -> DynamicValue {
    switch type {
    case .double: .double(try double())
    case .float: .float(try float())
    case .int32, .sint32, .sfixed32: .int32(try int32())
    case .int64, .sint64, .sfixed64: .int64(try int64())
    case .uint32, .fixed32: .uint32(try uint32())
    case .uint64, .fixed64: .uint64(try uint64())
    case .bool: .bool(try bool())
    case .string: .string(try string())
    case .bytes: .bytes(try bytes())
    }
  }
}
