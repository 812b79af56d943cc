// SPDX-License-Identifier: Apache-2.0

extension DynamicMessage {
  /// The message in its JSON form, in UTF-8 and without white space.
  public func json(
    options: JSONEncodingOptions = JSONEncodingOptions()
  ) throws(JSONEncodingError) -> [UInt8] {
    try JSONWriter.bytes(withPool(options)) { writeJSON(&$0) }
  }

  /// The message in its JSON form, without white space.
  public func jsonString(
    options: JSONEncodingOptions = JSONEncodingOptions()
  ) throws(JSONEncodingError) -> String {
    try JSONWriter.string(withPool(options)) { writeJSON(&$0) }
  }

  private func withPool(_ options: JSONEncodingOptions) -> JSONEncodingOptions {
    var options = options
    if options.pool == nil { options.pool = descriptor.pool }
    return options
  }

  /// Writes the JSON form.
  func writeJSON(_ writer: inout JSONWriter) {
    if let type = AnyContent.special[descriptor.fullName] {
      return writeSpecial(&writer, type)
    }
    writer.beginMessage()
    writeFields(&writer)
    writer.endMessage()
  }

  /// Writes the form of a well-known type by way of its generated type.
  private func writeSpecial<M: Message>(_ writer: inout JSONWriter, _ type: M.Type) {
    let bytes = encoded()
    var message = M()
    do {
      var reader = Reader(bytes.span, depthLimit: .max)
      try message.merge(from: &reader)
      message.writeJSON(&writer)
    } catch {
      writer.fail(.invalidValue(descriptor.fullName))
    }
  }

  private func writeFields(_ writer: inout JSONWriter) {
    var fields = self.fields
    if writer.options.writesDefaults {
      for field in descriptor.fields where !field.hasPresence && values[field.number] == nil {
        fields.append((field, field.defaultValue))
      }
      fields.sort { $0.field.number < $1.field.number }
    }
    for (field, value) in fields { write(field, value, &writer) }
  }

  /// Writes the extensions among the fields.
  func writeExtensions(_ writer: inout JSONWriter) {
    for (field, value) in fields where field.isExtension { write(field, value, &writer) }
  }

  private func write(
    _ field: FieldDescriptor, _ value: DynamicValue, _ writer: inout JSONWriter
  ) {
    if field.isExtension {
      writer.key("[\(field.fullName)]")
    } else {
      writer.key(writer.options.usesProtoNames ? field.name : field.jsonName)
    }
    switch value {
    case .list(let elements):
      writer.beginList()
      for element in elements { writer.element(element, of: field) }
      writer.endList()
    case .map(let entries):
      guard let valueField = field.mapValue else { return }
      writer.beginMap()
      for (key, value) in writer.sorted(entries) {
        writer.key(key.description)
        writer.element(value, of: valueField)
      }
      writer.endMap()
    default: writer.element(value, of: field)
    }
  }
}

extension JSONWriter {
  /// Writes a key that was not known when the program was compiled.
  mutating func key(_ name: String) {
    string(name)
    makeKey()
  }

  fileprivate func sorted(
    _ entries: [DynamicMapKey: DynamicValue]
  ) -> [(key: DynamicMapKey, value: DynamicValue)] {
    sortsMaps ? entries.sorted { $0.key < $1.key } : Array(entries)
  }

  /// Writes a value, or an element of a list.
  fileprivate mutating func element(_ value: DynamicValue, of field: FieldDescriptor) {
    switch value {
    case .bool(let value): bool(value)
    case .int32(let value): integer(Int64(value))
    case .int64(let value): quotedInteger(value)
    case .uint32(let value): integer(Int64(value))
    case .uint64(let value): quotedInteger(value)
    case .float(let value): float(value)
    case .double(let value): double(value)
    case .string(let value): string(value)
    case .bytes(let value): base64(value)
    case .enumeration(let number): enumValue(number, of: field)
    case .message(let message): message.writeJSON(&self)
    case .list, .map: null()
    }
  }

  private mutating func enumValue(_ number: Int32, of field: FieldDescriptor) {
    guard let type = field.enumType else { return integer(Int64(number)) }
    if type.fullName == Google_Protobuf_NullValue.protoName { return null() }
    if !options.writesEnumNumbers, let value = type.value(number: number) {
      string(value.name)
    } else {
      integer(Int64(number))
    }
  }
}
