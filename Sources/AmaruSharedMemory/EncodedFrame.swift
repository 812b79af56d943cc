// SPDX-License-Identifier: Apache-2.0

/// A frame as the record that carries it.
struct EncodedFrame {
  let kind: UInt8
  let flags: UInt8
  let body: [UInt8]
  /// It ends the call at the end that serves.
  let isStatus: Bool

  /// - Throws: ``SharedMemoryError/tooLarge(bytes:limit:)`` when no record can be as long.
  init(_ frame: Frame, maxBodyBytes: Int) throws(SharedMemoryError) {
    (kind, flags, body) = try frame.encoded()
    guard body.count <= maxBodyBytes else {
      throw .tooLarge(bytes: body.count, limit: maxBodyBytes)
    }
    isStatus = kind == FrameKind.status.rawValue
  }
}
