// SPDX-License-Identifier: Apache-2.0

// The paths of a mask stand in one text with commas between them, in camel case:
// `user.displayName,photo`.

extension Google_Protobuf_FieldMask {
  public mutating func merge(fromJSON reader: inout JSONReader) throws(JSONDecodingError) {
    try reader.enter()
    paths = try reader.text(of: Self.protoName) { Self.parse($0) }
    reader.leave()
  }

  private static func parse(_ text: Span<UInt8>) -> [String]? {
    if text.count == 0 { return [] }
    var paths: [String] = []
    var path: [UInt8] = []
    for index in text.indices {
      switch text[index] {
      case UInt8(ascii: ","):
        if path.isEmpty { return nil }
        paths.append(String(decoding: path, as: UTF8.self))
        path = []
      case UInt8(ascii: "_"): return nil
      case let byte where (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte):
        path.append(UInt8(ascii: "_"))
        path.append(byte | 0x20)
      case let byte: path.append(byte)
      }
    }
    if path.isEmpty { return nil }
    paths.append(String(decoding: path, as: UTF8.self))
    return paths
  }

  public func writeJSON(_ writer: inout JSONWriter) {
    writer.enter()
    defer { writer.leave() }
    var texts: [String] = []
    for path in paths {
      guard let text = Self.camelCase(path) else {
        return writer.fail(.invalidValue(Self.protoName))
      }
      texts.append(text)
    }
    writer.string(texts.joined(separator: ","))
  }

  /// A path in camel case; nil when the way back would lead elsewhere.
  private static func camelCase(_ path: String) -> String? {
    var text: [UInt8] = []
    var isAfterUnderscore = false
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: ","): return nil
      case UInt8(ascii: "_"):
        if isAfterUnderscore { return nil }
        isAfterUnderscore = true
      case let byte where isAfterUnderscore:
        guard (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) else { return nil }
        text.append(byte & ~0x20)
        isAfterUnderscore = false
      default: text.append(byte)
      }
    }
    return isAfterUnderscore || text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
  }
}
