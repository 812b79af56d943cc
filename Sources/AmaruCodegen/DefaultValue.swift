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
    case .string: return "\"\(SwiftLiteral.contents(text))\""
    case .bytes:
      guard let bytes = TextEscapes.bytes(text) else {
        throw context.error(place, "its default is not a C string: \(text)")
      }
      return "[\(bytes.map(String.init).joined(separator: ", "))]"
    case .float, .double:
      switch text {
      case "inf": return ".infinity"
      case "-inf": return "-.infinity"
      case "nan": return ".nan"
      // An integer literal has no negative zero.
      case "-0": return "-0.0"
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
}
