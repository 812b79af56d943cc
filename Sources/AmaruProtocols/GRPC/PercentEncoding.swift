// SPDX-License-Identifier: Apache-2.0

/// The form in which gRPC sends a status message: UTF-8 bytes outside of printable ASCII, and `%`, as `%XX`.
///
/// Source: "Percent-Encoded" in gRPC's `PROTOCOL-HTTP2.md`.
enum PercentEncoding {
  private static let hex = Array("0123456789ABCDEF".utf8)

  static func encode(_ text: String) -> String {
    let needsNone = text.utf8.allSatisfy { $0 >= 0x20 && $0 <= 0x7e && $0 != 0x25 }
    if needsNone { return text }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count * 2)
    for byte in text.utf8 {
      if byte >= 0x20, byte <= 0x7e, byte != 0x25 {
        bytes.append(byte)
      } else {
        bytes.append(0x25)
        bytes.append(hex[Int(byte >> 4)])
        bytes.append(hex[Int(byte & 15)])
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The bytes of a name or value of a query: `%XX`, and `+` for a space. What is not well formed is left as it came.
  static func decodeQuery(_ text: some Sequence<UInt8>) -> [UInt8] {
    decode(text.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 })
  }

  /// Whether every `%` stands in front of two hexadecimal digits.
  static func isWellFormed(_ text: some Collection<UInt8>) -> Bool {
    text.indices.allSatisfy { index in
      let digits = text[index...].dropFirst().prefix(2)
      return text[index] != 0x25
        || digits.count == 2
          && digits.allSatisfy { Character(Unicode.Scalar($0)).hexDigitValue != nil }
    }
  }

  /// The text of a percent-encoded value. What is not well formed is left as it came, as the source asks.
  static func decode(_ text: String) -> String {
    guard text.utf8.contains(0x25) else { return text }
    return String(decoding: decode(Array(text.utf8)), as: UTF8.self)
  }

  private static func decode(_ bytes: [UInt8]) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x25, index + 2 < bytes.count,
        let high = Character(Unicode.Scalar(bytes[index + 1])).hexDigitValue,
        let low = Character(Unicode.Scalar(bytes[index + 2])).hexDigitValue
      {
        decoded.append(UInt8(high << 4 | low))
        index += 3
      } else {
        decoded.append(bytes[index])
        index += 1
      }
    }
    return decoded
  }
}
