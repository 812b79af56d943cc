// SPDX-License-Identifier: Apache-2.0

// The defaults that declarations state as text (`descriptor.proto`, `default_value`).
extension PoolBuilder {
  /// What a field has when it is not set; nil for messages. For a repeated field, that of an
  /// element.
  func defaultValue(of field: FieldRecord) throws(DescriptorError) -> DynamicValue? {
    if let text = field.proto.defaultValue {
      let value = field.isSingular && field.hasPresence ? value(text, field.type) : nil
      guard let value else {
        throw error(field.file, fullName(field), "its default \"\(text)\" is not valid")
      }
      return value
    }
    switch field.type {
    case .scalar(let scalar): return scalar.zero
    case .enumeration(let place): return .enumeration(enums[place].proto.value.first?.number ?? 0)
    case .message: return nil
    }
  }

  private func value(_ text: String, _ type: TypeReference) -> DynamicValue? {
    switch type {
    case .message: return nil
    case .enumeration(let place):
      let record = enums[place]
      return record.byName[text].map { .enumeration(record.proto.value[$0].number ?? 0) }
    case .scalar(let scalar):
      switch scalar {
      case .double: return Double(text).map(DynamicValue.double)
      case .float: return Float(text).map(DynamicValue.float)
      case .int32, .sint32, .sfixed32: return Int32(text).map(DynamicValue.int32)
      case .int64, .sint64, .sfixed64: return Int64(text).map(DynamicValue.int64)
      case .uint32, .fixed32: return UInt32(text).map(DynamicValue.uint32)
      case .uint64, .fixed64: return UInt64(text).map(DynamicValue.uint64)
      case .bool: return text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
      case .string: return .string(text)
      case .bytes: return TextEscapes.bytes(text).map(DynamicValue.bytes)
      }
    }
  }
}
