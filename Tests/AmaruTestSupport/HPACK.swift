// SPDX-License-Identifier: Apache-2.0
import CNghttp2

/// A name and a value, in whatever bytes a test wants.
package struct Field: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  /// `name: value`; the first `": "` divides.
  package init(stringLiteral text: String) {
    let parts = text.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
  }

  package var description: String { "\(name): \(value)" }
}

/// HPACK by hand (RFC 7541): every field a literal that enters no table, so that nothing is checked on the way.
package enum HPACK {
  package static func literal(_ fields: [Field]) -> [UInt8] {
    fields.flatMap { [0] + string($0.name) + string($0.value) }
  }

  private static func string(_ text: String) -> [UInt8] {
    integer(text.utf8.count) + Array(text.utf8)
  }

  private static func integer(_ value: Int) -> [UInt8] {
    guard value >= 127 else { return [UInt8(value)] }
    var bytes: [UInt8] = [127]
    var rest = value - 127
    while rest >= 128 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}

/// Decodes the header blocks of one direction of a connection, with nghttp2's decoder.
package final class HeaderDecoder: @unchecked Sendable {
  private var inflater: OpaquePointer?

  package init() { nghttp2_hd_inflate_new(&inflater) }

  deinit { nghttp2_hd_inflate_del(inflater) }

  /// The fields of a whole block; nil when it is malformed.
  package func decode(_ block: [UInt8]) -> [Field]? {
    var fields: [Field] = []
    var position = 0
    while true {
      var pair = nghttp2_nv()
      var flags: Int32 = 0
      let used = block.withUnsafeBufferPointer {
        nghttp2_hd_inflate_hd2(
          inflater, &pair, &flags, $0.baseAddress.map { $0 + position }, block.count - position, 1)
      }
      guard used >= 0 else { return nil }
      position += used
      if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
        fields.append(
          Field(
            String(decoding: UnsafeBufferPointer(start: pair.name, count: pair.namelen), as: UTF8.self),
            String(decoding: UnsafeBufferPointer(start: pair.value, count: pair.valuelen), as: UTF8.self)))
      }
      if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 { break }
      if used == 0, position == block.count { break }
    }
    nghttp2_hd_inflate_end_headers(inflater)
    return fields
  }
}
