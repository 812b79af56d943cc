// SPDX-License-Identifier: Apache-2.0

/// Puts the pieces of the messages of one call and direction together.
package struct MessageAssembler {
  private let maxBytes: Int
  private var pieces: [UInt8] = []

  /// An assembler for messages of at most `maxBytes` bytes.
  package init(maxBytes: Int) { self.maxBytes = maxBytes }

  /// Bytes of a message whose last piece is due.
  package var pendingBytes: Int { pieces.count }

  /// Adds a piece, which is copied; the message when it is whole.
  ///
  /// - Throws: ``SharedMemoryError/tooLarge(bytes:limit:)`` as soon as the message is too large, before the piece that
  ///   crosses the limit is copied; ``SharedMemoryError/malformedFrame(_:)`` for an empty piece that is not the last.
  package mutating func add(_ piece: RawSpan, more: Bool) throws(SharedMemoryError) -> [UInt8]? {
    let (total, overflow) = pieces.count.addingReportingOverflow(piece.byteCount)
    guard !overflow, total <= maxBytes else {
      throw .tooLarge(bytes: overflow ? .max : total, limit: maxBytes)
    }
    guard !more || piece.byteCount > 0 else { throw .malformedFrame("an empty piece") }
    piece.withUnsafeBytes { pieces.append(contentsOf: $0) }
    guard !more else { return nil }
    defer { pieces = [] }
    return pieces
  }

  /// Adds a piece where it lies now; a message that is whole already is not copied.
  mutating func add(
    _ piece: ReceivedMessage, more: Bool
  ) throws(SharedMemoryError) -> [UInt8]? {
    switch piece {
    case .bytes(let bytes): return try add(bytes.span.bytes, more: more)
    case .slot(let slot):
      // SAFETY: the span ends with the closure, inside of which the slot is held.
      let result = slot.withBytes { bytes in
        Result { () throws(SharedMemoryError) in
          try add(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(bytes)), more: more)
        }
      }
      return try result.get()
    }
  }
}
