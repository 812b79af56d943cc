// SPDX-License-Identifier: Apache-2.0

/// Base64 with the standard alphabet and padding (RFC 4648 4).
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Encodes bytes.
  static func encode(_ bytes: [UInt8]) -> String {
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

  private static let padding = UInt8(ascii: "=")
}
