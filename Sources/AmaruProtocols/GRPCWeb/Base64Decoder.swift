// SPDX-License-Identifier: Apache-2.0

/// Reads base64 that comes in pieces, cut anywhere, and padded anywhere between groups of four.
///
/// Source: "Text-encoded (response) streams" in gRPC's `PROTOCOL-WEB.md`, which lets each chunk be padded on its
/// own; RFC 4648 section 4.
struct Base64Decoder {
  private var bits: UInt32 = 0
  private var symbols = 0
  private var padding = 0

  /// Symbols that came and wait for the rest of their group.
  var pendingCount: Int { symbols + padding }

  /// The bytes of the groups that are whole with `text`; with `end`, the last group may lack its padding. Nil when it is
  /// not base64.
  mutating func decode(_ text: some Collection<UInt8>, end: Bool) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity((text.count / 4 + 1) * 3)
    for symbol in text {
      if symbol == UInt8(ascii: "=") {
        padding += 1
        guard symbols >= 2 else { return nil }
      } else {
        guard padding == 0, let value = Base64.value(symbol) else { return nil }
        bits = bits << 6 | UInt32(value)
        symbols += 1
      }
      if symbols + padding == 4 { endGroup(&bytes) }
    }
    guard end else { return bytes }
    guard padding == 0, symbols != 1 else { return nil }
    endGroup(&bytes)
    return bytes
  }

  /// Adds the bytes of the group of 2 to 4 symbols, or none.
  private mutating func endGroup(_ bytes: inout [UInt8]) {
    let group = bits << UInt32(6 * (4 - symbols))
    if symbols > 1 { bytes.append(UInt8(truncatingIfNeeded: group >> 16)) }
    if symbols > 2 { bytes.append(UInt8(truncatingIfNeeded: group >> 8)) }
    if symbols > 3 { bytes.append(UInt8(truncatingIfNeeded: group)) }
    bits = 0
    symbols = 0
    padding = 0
  }
}
