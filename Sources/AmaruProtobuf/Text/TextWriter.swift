// SPDX-License-Identifier: Apache-2.0

/// Writes messages in text format: a field a line, in the order of the numbers, messages indented.
struct TextWriter {
  private(set) var text = ""
  private let options: TextEncodingOptions
  private var indentation = 0

  init(_ options: TextEncodingOptions) { self.options = options }

  // MARK: Messages

  mutating func write(_ message: DynamicMessage) {
    if options.expandsAny, expand(message) { return }
    for (field, value) in message.fields {
      let name = field.textName
      switch value {
      case .list(let elements):
        for element in elements { write(element, name, field) }
      case .map(let entries):
        guard let key = field.mapKey, let valueField = field.mapValue else { continue }
        for entry in entries.sorted(by: { $0.key < $1.key }) {
          block(name) { writer in
            writer.write(entry.key.value, "key", key)
            writer.write(entry.value, "value", valueField)
          }
        }
      default: write(value, name, field)
      }
    }
    if options.writesUnknownFields { write(unknown: message.unknownFields.bytes, depth: 10) }
  }

  /// Writes the message in an Any. Returns false when that is not possible.
  private mutating func expand(_ message: DynamicMessage) -> Bool {
    guard let (urlField, valueField) = message.descriptor.anyFields,
      case .string(let url) = message.value(of: urlField),
      case .bytes(let bytes) = message.value(of: valueField),
      let name = Google_Protobuf_Any.messageName(of: url),
      let type = (options.pool ?? message.descriptor.pool).message(named: name),
      let inner = try? DynamicMessage(type, decoding: bytes, allowsMissingFields: true)
    else { return false }
    block("[\(url)]") { $0.write(inner) }
    return true
  }

  private mutating func write(_ value: DynamicValue, _ name: String, _ field: FieldDescriptor) {
    switch value {
    case .bool(let value): line(name, "\(value)")
    case .int32(let value): line(name, "\(value)")
    case .int64(let value): line(name, "\(value)")
    case .uint32(let value): line(name, "\(value)")
    case .uint64(let value): line(name, "\(value)")
    case .float(let value): line(name, Self.number(value))
    case .double(let value): line(name, Self.number(value))
    case .string(let value): line(name, Self.quoted(value.utf8, isText: true))
    case .bytes(let value): line(name, Self.quoted(value, isText: false))
    case .enumeration(let number):
      line(name, field.enumType?.value(number: number)?.name ?? "\(number)")
    case .message(let message): block(name) { $0.write(message) }
    case .list, .map: break
    }
  }

  // MARK: Unknown fields

  /// Writes fields in wire format by their numbers. Bytes that could be a message are shown as one.
  private mutating func write(unknown bytes: [UInt8], depth: Int) {
    var reader = Reader(bytes.span)
    write(unknown: &reader, depth: depth)
  }

  /// Writes fields up to the end of the bytes or of a group.
  private mutating func write(unknown reader: inout Reader, depth: Int) {
    // The bytes were checked when they came, so that nothing is lost to an error.
    while let tag = try? reader.nextTag() {
      let name = "\(tag >> 3)"
      switch WireType(rawValue: tag & 7) {
      case .varint: line(name, "\((try? reader.varint()) ?? 0)")
      case .fixed32: line(name, Self.hex((try? reader.fixed32()) ?? 0, digits: 8))
      case .fixed64: line(name, Self.hex((try? reader.fixed64()) ?? 0, digits: 16))
      case .lengthDelimited:
        let bytes = (try? reader.bytes()) ?? []
        if depth > 0, !bytes.isEmpty, (try? UnknownFields(bytes: bytes)) != nil {
          block(name) { $0.write(unknown: bytes, depth: depth - 1) }
        } else {
          line(name, Self.quoted(bytes, isText: false))
        }
      case .startGroup:
        begin(name)
        write(unknown: &reader, depth: depth - 1)
        end()
      default: return
      }
    }
  }

  // MARK: Layout

  private mutating func line(_ name: String, _ value: String) {
    indent()
    text += "\(name): \(value)"
    text += options.usesOneLine ? " " : "\n"
  }

  private mutating func block(_ name: String, _ body: (inout TextWriter) -> Void) {
    begin(name)
    body(&self)
    end()
  }

  private mutating func begin(_ name: String) {
    indent()
    text += options.usesOneLine ? "\(name) { " : "\(name) {\n"
    indentation += 2
  }

  private mutating func end() {
    indentation -= 2
    indent()
    text += options.usesOneLine ? "} " : "}\n"
  }

  private mutating func indent() {
    if !options.usesOneLine { text += String(repeating: " ", count: indentation) }
  }

  // MARK: Values

  /// The shortest text that is read as the same number.
  private static func number<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ value: Value
  ) -> String {
    if value.isNaN { return "nan" }
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func hex(_ value: some FixedWidthInteger, digits: Int) -> String {
    let text = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: digits - text.utf8.count) + text
  }

  /// A string literal. What is not ASCII stays as it is in text, and is octal in bytes.
  private static func quoted(_ bytes: some Sequence<UInt8>, isText: Bool) -> String {
    var result: [UInt8] = [UInt8(ascii: "\"")]
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\n"): result += Array("\\n".utf8)
      case UInt8(ascii: "\r"): result += Array("\\r".utf8)
      case UInt8(ascii: "\t"): result += Array("\\t".utf8)
      case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"):
        result += [UInt8(ascii: "\\"), byte]
      case 0x20..<0x7f: result.append(byte)
      case 0x80... where isText: result.append(byte)
      default:
        let zero = UInt8(ascii: "0")
        result += [
          UInt8(ascii: "\\"), zero + byte >> 6, zero + byte >> 3 & 7, zero + byte & 7,
        ]
      }
    }
    return String(decoding: result + [UInt8(ascii: "\"")], as: UTF8.self)
  }
}
