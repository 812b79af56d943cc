// SPDX-License-Identifier: Apache-2.0

/// Base64 with the standard alphabet and padding (RFC 4648 4).
package enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Encodes bytes.
  package static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let left = bytes.count - index
      let first = bytes[index]
      let second = left > 1 ? bytes[index + 1] : 0
      let third = left > 2 ? bytes[index + 2] : 0
      text.append(alphabet[Int(first >> 2)])
      text.append(alphabet[Int((first & 0x03) << 4 | second >> 4)])
      text.append(left > 1 ? alphabet[Int((second & 0x0f) << 2 | third >> 6)] : padding)
      text.append(left > 2 ? alphabet[Int(third & 0x3f)] : padding)
      index += 3
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Decodes text, or returns nil when it is malformed.
  package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var index = 0
    while index < text.count {
      let isLast = index + 4 == text.count
      var word: UInt32 = 0
      var paddings = 0
      for offset in 0..<4 {
        let byte = text[index + offset]
        if byte == padding {
          guard isLast, offset >= 2 else { return nil }
          paddings += 1
          word <<= 6
        } else {
          guard paddings == 0, let digit = digit(byte) else { return nil }
          word = word << 6 | digit
        }
      }
      bytes.append(UInt8(truncatingIfNeeded: word >> 16))
      if paddings < 2 { bytes.append(UInt8(truncatingIfNeeded: word >> 8)) }
      if paddings < 1 { bytes.append(UInt8(truncatingIfNeeded: word)) }
      index += 4
    }
    return bytes
  }

  private static let padding = UInt8(ascii: "=")

  private static func digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
