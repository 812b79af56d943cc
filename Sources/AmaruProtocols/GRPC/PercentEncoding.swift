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
}
