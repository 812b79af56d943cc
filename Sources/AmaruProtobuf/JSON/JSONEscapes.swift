// SPDX-License-Identifier: Apache-2.0

/// The escapes in strings of JSON (RFC 8259 7).
enum JSONEscapes {
  /// Appends a text with its escapes decoded. Returns the place of an escape that is invalid, and
  /// nil when there is none.
  static func decode(_ text: Span<UInt8>, into bytes: inout [UInt8]) -> Int? {
    bytes.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      let byte = text[index]
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        index += 1
        continue
      }
      guard index + 1 < text.count else { return index }
      switch text[index + 1] {
      case UInt8(ascii: "\""): bytes.append(UInt8(ascii: "\""))
      case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
      case UInt8(ascii: "/"): bytes.append(UInt8(ascii: "/"))
      case UInt8(ascii: "b"): bytes.append(0x08)
      case UInt8(ascii: "f"): bytes.append(0x0c)
      case UInt8(ascii: "n"): bytes.append(0x0a)
      case UInt8(ascii: "r"): bytes.append(0x0d)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "u"):
        guard let (scalar, count) = scalar(text, index) else { return index }
        bytes.append(contentsOf: String(Character(scalar)).utf8)
        index += count
        continue
      default: return index
      }
      index += 2
    }
    return nil
  }

  /// The scalar of a `\u` escape or of the two that make a surrogate pair, and their length.
  private static func scalar(
    _ text: Span<UInt8>, _ index: Int
  ) -> (Unicode.Scalar, count: Int)? {
    guard let high = unit(text, index) else { return nil }
    if let scalar = Unicode.Scalar(high) { return (scalar, 6) }
    guard high < 0xdc00, let low = unit(text, index + 6), (0xdc00...0xdfff).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
    else { return nil }
    return (scalar, 12)
  }

  /// The number of a `\u` escape.
  private static func unit(_ text: Span<UInt8>, _ index: Int) -> UInt32? {
    guard index + 6 <= text.count, text[index] == UInt8(ascii: "\\"),
      text[index + 1] == UInt8(ascii: "u")
    else { return nil }
    var value: UInt32 = 0
    for offset in 2..<6 {
      let digit: UInt8
      switch text[index + offset] {
      case let byte where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte):
        digit = byte - UInt8(ascii: "0")
      case let byte where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20):
        digit = (byte | 0x20) - UInt8(ascii: "a") + 10
      default: return nil
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}
