// SPDX-License-Identifier: Apache-2.0

/// Base64 as gRPC's binary metadata uses it (RFC 4648 section 4): written without padding, read with or
/// without.
package enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The text of `bytes`, without padding.
  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count * 4 + 2) / 3)
    var bits: UInt32 = 0
    var count = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        text.append(alphabet[Int(bits >> UInt32(count)) & 63])
      }
    }
    if count > 0 { text.append(alphabet[Int(bits << UInt32(6 - count)) & 63]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of `text`; nil when it is not base64.
  static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    var symbols = 0
    var padding = 0
    for symbol in text {
      if symbol == 0x3d {
        padding += 1
        continue
      }
      guard padding == 0, let value = value(symbol) else { return nil }
      symbols += 1
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    guard symbols % 4 != 1, padding == 0 || (symbols + padding) % 4 == 0 && padding < 3 else {
      return nil
    }
    return bytes
  }

  /// The bytes of `text` in base64url without padding, as tokens write it (RFC 7515 2); nil when it is not exactly that,
  /// also when bits that no byte uses are not zero.
  package static func decodeURL(_ text: some Collection<UInt8>) -> [UInt8]? {
    let usual = usual(text)
    guard let bytes = decode(usual), usual.elementsEqual(encode(bytes).utf8),
      !text.contains(UInt8(ascii: "+")), !text.contains(UInt8(ascii: "/"))
    else { return nil }
    return bytes
  }

  /// `text` with the usual symbols in place of those that are safe in an address (RFC 4648 section 5).
  static func usual(_ text: some Collection<UInt8>) -> [UInt8] {
    text.map { symbol in
      switch symbol {
      case UInt8(ascii: "-"): UInt8(ascii: "+")
      case UInt8(ascii: "_"): UInt8(ascii: "/")
      default: symbol
      }
    }
  }

  /// The text of `bytes`, with padding.
  static func encodePadded(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var group: UInt32 = 0
    var count = 0
    for byte in bytes {
      group = group << 8 | UInt32(byte)
      count += 1
      guard count == 3 else { continue }
      text.append(symbol(group >> 18))
      text.append(symbol(group >> 12))
      text.append(symbol(group >> 6))
      text.append(symbol(group))
      group = 0
      count = 0
    }
    guard count > 0 else { return text }
    group <<= UInt32(8 * (3 - count))
    text.append(symbol(group >> 18))
    text.append(symbol(group >> 12))
    text.append(count == 2 ? symbol(group >> 6) : UInt8(ascii: "="))
    text.append(UInt8(ascii: "="))
    return text
  }

  private static func symbol(_ bits: UInt32) -> UInt8 { alphabet[Int(bits & 63)] }

  /// The six bits of a symbol; nil when it is none.
  static func value(_ symbol: UInt8) -> UInt8? {
    switch symbol {
    case 0x41...0x5a: symbol - 0x41
    case 0x61...0x7a: symbol - 0x61 + 26
    case 0x30...0x39: symbol - 0x30 + 52
    case 0x2b: 62
    case 0x2f: 63
    default: nil
    }
  }
}
