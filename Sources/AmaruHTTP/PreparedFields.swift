// SPDX-License-Identifier: Apache-2.0
import CNghttp2

/// A list of fields that is sent again and again: made once, never changed, never freed.
///
/// nghttp2 sends it without copying names and values. Keep each one in a `static let`.
// SAFETY: the memory is written in `init` only and lives as long as the process.
package final class PreparedFields: @unchecked Sendable {
  let pairs: UnsafeMutableBufferPointer<nghttp2_nv>
  /// The same, for HTTP/1.1 and for what changes them.
  package let fields: HTTPFields

  /// Prepares `fields`.
  package init(_ fields: HTTPFields) {
    self.fields = fields
    let pairs = UnsafeMutableBufferPointer<nghttp2_nv>.allocate(capacity: fields.count)
    var index = 0
    fields.forEach { name, value in
      let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: max(name.count + value.count, 1))
      UnsafeMutableRawBufferPointer(start: bytes, count: name.count).copyMemory(from: name)
      UnsafeMutableRawBufferPointer(start: bytes + name.count, count: value.count)
        .copyMemory(from: value)
      pairs.initializeElement(
        at: index,
        to: nghttp2_nv(
          name: bytes, value: bytes + name.count, namelen: name.count, valuelen: value.count,
          flags: UInt8(
            NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)))
      index += 1
    }
    self.pairs = pairs
  }
}
