// SPDX-License-Identifier: Apache-2.0

/// Base64url without padding, as tokens write it (RFC 7515 2, RFC 4648 5).
enum Base64URL {
  /// The bytes of `text`; nil when it is not exactly that, also when bits that no byte uses are not zero.
  static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for symbol in text {
      guard let value = value(symbol) else { return nil }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        bits &= 1 << UInt32(count) - 1
      }
    }
    return count < 6 && bits == 0 ? bytes : nil
  }

  private static func value(_ symbol: UInt8) -> UInt8? {
    switch symbol {
    case 0x41...0x5a: symbol - 0x41
    case 0x61...0x7a: symbol - 0x61 + 26
    case 0x30...0x39: symbol - 0x30 + 52
    case 0x2d: 62
    case 0x5f: 63
    default: nil
    }
  }
}
