// SPDX-License-Identifier: Apache-2.0

/// Makes the frames of one message, of any size: in a record when it is small, in a slot when it fits, and in pieces
/// otherwise. Each call gives one frame; what was given must be published in order.
package struct MessageSplitter {
  /// The message's call.
  package let id: UInt64
  private let message: [UInt8]
  private let inlineBytes: Int
  private var position = 0

  /// Whether all frames were given.
  package private(set) var isDone = false

  /// The frames of `message`.
  ///
  /// - Parameter maxBodyBytes: ``RingWriter/maxBodyBytes``. A quarter of that goes inline at most, all of it
  ///   when there are no slots.
  package init(id: UInt64, _ message: [UInt8], maxBodyBytes: Int, hasSlots: Bool) {
    self.id = id
    self.message = message
    // At least a byte, so that every frame carries on.
    inlineBytes = max(1, (hasSlots ? maxBodyBytes / 4 : maxBodyBytes) - 8)
  }

  /// The next frame; nil when all were given, or when no slot is free (``isDone`` is false then).
  ///
  /// - Throws: ``SharedMemoryError`` of the pool.
  package mutating func next(_ pool: inout SlotPool) throws(SharedMemoryError) -> Frame? {
    guard !isDone else { return nil }
    let rest = message.count - position
    let isInline = rest <= inlineBytes || pool.maxPayloadBytes == 0
    let count = min(rest, isInline ? inlineBytes : pool.maxPayloadBytes)
    let piece = message[position..<(position + count)]
    let payload: Payload
    if isInline {
      payload = .inline(Array(piece))
    } else {
      guard let slot = try pool.allocate(count, { $0.copyBytes(from: piece) }) else { return nil }
      payload = .slot(slot)
    }
    position += count
    isDone = position == message.count
    return .message(id: id, payload, more: !isDone)
  }
}
