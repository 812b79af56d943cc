// SPDX-License-Identifier: Apache-2.0

/// The text of paths: percent-encoded UTF-8 (RFC 3986 2.1).
enum PathText {
  /// The text that `raw` stands for; nil when a `%` is not followed by two digits, or it is not UTF-8.
  /// - Parameter keepsSlashes: leave `%2F` and `%2f` as they are.
  static func decode(_ raw: String, keepsSlashes: Bool = false) -> String? {
    guard raw.utf8.contains(UInt8(ascii: "%")) else { return raw }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(raw.utf8.count)
    var rest = Substring(raw).utf8
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let first = rest.popFirst(), let second = rest.popFirst(), let high = digit(first),
        let low = digit(second)
      else { return nil }
      let decoded = high << 4 | low
      if keepsSlashes, decoded == UInt8(ascii: "/") {
        bytes += [byte, first, second]
      } else {
        bytes.append(decoded)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
