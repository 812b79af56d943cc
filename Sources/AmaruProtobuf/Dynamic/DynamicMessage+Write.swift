// SPDX-License-Identifier: Apache-2.0

// The binary format, written by descriptor.
extension DynamicMessage {
  /// The message in the binary format: fields in the order of their numbers, then those that are
  /// not known.
  ///
  /// - Parameter sortingMaps: Write map entries in the order of their keys, so that equal messages
  ///   give equal bytes. Otherwise the order of map entries is unspecified.
  public func encoded(sortingMaps: Bool = false) -> [UInt8] {
    BackWriter.withScratch { writer in
      writer.sortsMaps = sortingMaps
      writeBackward(&writer)
      return writer.takeBytes()
    }
  }

  /// Writes the fields in front of what the writer holds, the last field first.
  public func writeBackward(_ writer: inout BackWriter) {
    if descriptor.isMessageSet {
      writer.messageSet(unknownFields)
    } else {
      writer.unknown(unknownFields)
    }
    for (number, value) in values.sorted(by: { $0.key > $1.key }) {
      guard let field = field(number: number) else { continue }
      if descriptor.isMessageSet, case .message(let message) = value {
        writer.messageSetItem(number, message)
      } else {
        writer.dynamic(value, field)
      }
    }
  }

  /// The path of the first required field that is not set, here or in a message that this one
  /// holds, known extensions included; nil when there is none.
  public var missingRequiredField: String? {
    for index in descriptor.record.sorted {
      let field = descriptor.pool.fieldRecords[index]
      if field.isRequired, values[field.number] == nil { return field.name }
    }
    for (field, value) in fields where field.holdsMessages {
      let name = field.isExtension ? "[\(field.fullName)]" : field.name
      switch value {
      case .message(let message):
        if let path = message.missingRequiredField { return "\(name).\(path)" }
      case .list(let values):
        for (index, value) in values.enumerated() {
          if let path = value.message?.missingRequiredField { return "\(name)[\(index)].\(path)" }
        }
      case .map(let entries):
        for (key, value) in entries.sorted(by: { $0.key < $1.key }) {
          if let path = value.message?.missingRequiredField { return "\(name)[\(key)].\(path)" }
        }
      default: break
      }
    }
    return nil
  }
}

extension FieldDescriptor {
  fileprivate var holdsMessages: Bool {
    if case .message = record.type { true } else { false }
  }

  fileprivate var elementTag: UInt32 {
    UInt32(truncatingIfNeeded: number) << 3 | elementWireType.rawValue
  }
}

extension BackWriter {
  /// Puts a field in front.
  mutating func dynamic(_ value: DynamicValue, _ field: FieldDescriptor) {
    let tag = field.elementTag
    switch value {
    case .list(let values):
      if field.isPacked {
        let before = count
        for value in values.reversed() { payload(value, field) }
        varint(UInt64(truncatingIfNeeded: count - before))
        self.tag(tag & ~7 | WireType.lengthDelimited.rawValue)
      } else {
        for value in values.reversed() { element(value, tag, field) }
      }
    case .map(let entries):
      guard let key = field.mapKey, let valueField = field.mapValue else { return }
      if sortsMaps {
        for entry in entries.sorted(by: { $0.key > $1.key }) {
          self.entry(entry.key, entry.value, tag, key, valueField)
        }
      } else {
        for entry in entries { self.entry(entry.key, entry.value, tag, key, valueField) }
      }
    default: element(value, tag, field)
    }
  }

  private mutating func entry(
    _ key: DynamicMapKey, _ value: DynamicValue, _ tag: UInt32, _ keyField: FieldDescriptor,
    _ valueField: FieldDescriptor
  ) {
    let before = count
    element(value, valueField.elementTag, valueField)
    element(key.value, keyField.elementTag, keyField)
    varint(UInt64(truncatingIfNeeded: count - before))
    self.tag(tag)
  }

  /// Puts a value in front with its tag, which a group has at both ends.
  private mutating func element(_ value: DynamicValue, _ tag: UInt32, _ field: FieldDescriptor) {
    if field.isDelimited, case .message(let message) = value {
      self.tag(tag &+ 1)
      message.writeBackward(&self)
    } else {
      payload(value, field)
    }
    self.tag(tag)
  }

  /// Puts a value in front, with its length when it has one.
  private mutating func payload(_ value: DynamicValue, _ field: FieldDescriptor) {
    switch value {
    case .bool(let value): varint(value ? 1 : 0)
    case .int32(let value):
      switch field.record.type {
      case .scalar(.sint32): SInt32Codec.write(value, to: &self)
      case .scalar(.sfixed32): fixed32(UInt32(bitPattern: value))
      default: varint(UInt64(bitPattern: Int64(value)))
      }
    case .int64(let value):
      switch field.record.type {
      case .scalar(.sint64): SInt64Codec.write(value, to: &self)
      case .scalar(.sfixed64): fixed64(UInt64(bitPattern: value))
      default: varint(UInt64(bitPattern: value))
      }
    case .uint32(let value):
      if field.record.type == .scalar(.fixed32) { fixed32(value) } else { varint(UInt64(value)) }
    case .uint64(let value):
      if field.record.type == .scalar(.fixed64) { fixed64(value) } else { varint(value) }
    case .float(let value): fixed32(value.bitPattern)
    case .double(let value): fixed64(value.bitPattern)
    case .string(let value): string(value)
    case .bytes(let value): bytes(value)
    case .enumeration(let number): varint(UInt64(bitPattern: Int64(number)))
    case .message(let message):
      let before = count
      message.writeBackward(&self)
      varint(UInt64(truncatingIfNeeded: count - before))
    case .list, .map:
      // Neither is an element: values are checked when they are set.
      break
    }
  }

  /// Puts an item of a message set in front.
  fileprivate mutating func messageSetItem(_ type: Int32, _ message: DynamicMessage) {
    tag(1 << 3 | WireType.endGroup.rawValue)
    let end = count
    message.writeBackward(&self)
    varint(UInt64(truncatingIfNeeded: count - end))
    tag(3 << 3 | WireType.lengthDelimited.rawValue)
    varint(UInt64(bitPattern: Int64(type)))
    tag(2 << 3)
    tag(1 << 3 | WireType.startGroup.rawValue)
  }
}
