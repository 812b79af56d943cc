// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// The default that a field's declaration states, as a Swift literal.
enum DefaultValue {
  /// The literal; nil when the declaration states none.
  static func literal(
    of field: Google_Protobuf_FieldDescriptorProto, _ value: ValueType, place: String,
    _ context: FileContext
  ) throws(GenerationError) -> String? {
    guard let text = field.defaultValue else { return nil }
    switch field.type {
    case .string: return string(text)
    case .bytes:
      guard let bytes = unescape(text) else {
        throw context.error(place, "its default is not a C string: \(text)")
      }
      return "[\(bytes.map(String.init).joined(separator: ", "))]"
    case .float, .double:
      switch text {
      case "inf": return ".infinity"
      case "-inf": return "-.infinity"
      case "nan": return ".nan"
      default: return text
      }
    case .enum:
      guard let type = context.types.entries[field.typeName ?? ""]?.enumeration,
        let index = type.value.firstIndex(where: { $0.name == text })
      else { throw context.error(place, "its default \(text) is not a value of its type") }
      let values = type.value.map { ($0.name ?? "", $0.number ?? 0) }
      return "." + Naming.enumCases(values, of: type.name ?? "")[index]
    default: return text
    }
  }

  /// A Swift string literal.
  static func string(_ text: String) -> String {
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": literal += "\\\(scalar)"
      case " "..."~": literal.unicodeScalars.append(scalar)
      default: literal += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    return literal + "\""
  }

  /// Reads the escapes of C, which protoc writes a default of bytes with.
  private static func unescape(_ text: String) -> [UInt8]? {
    var rest = Array(text.utf8)[...]
    var bytes: [UInt8] = []
    func digits(_ radix: UInt32, atMost count: Int) -> UInt8? {
      let run = rest.prefix(count).prefix { byte in
        Character(Unicode.Scalar(byte)).hexDigitValue.map { $0 < radix } == true
      }
      rest = rest.dropFirst(run.count)
      return UInt8(String(decoding: run, as: UTF8.self), radix: Int(radix))
    }
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      guard let escape = rest.first else { return nil }
      if ("0"..."7").contains(Character(Unicode.Scalar(escape))) {
        guard let byte = digits(8, atMost: 3) else { return nil }
        bytes.append(byte)
        continue
      }
      rest = rest.dropFirst()
      switch Character(Unicode.Scalar(escape)) {
      case "n": bytes.append(10)
      case "r": bytes.append(13)
      case "t": bytes.append(9)
      case "a": bytes.append(7)
      case "b": bytes.append(8)
      case "f": bytes.append(12)
      case "v": bytes.append(11)
      case "x":
        guard let byte = digits(16, atMost: 2) else { return nil }
        bytes.append(byte)
      case "\\", "'", "\"", "?": bytes.append(escape)
      default: return nil
      }
    }
    return bytes
  }
}
