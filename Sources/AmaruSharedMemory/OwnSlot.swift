// SPDX-License-Identifier: Apache-2.0

/// A slot that this end has taken to fill in place, and that goes back when this object is gone unless it was sent.
///
/// Threads: any, but one at a time; ``SharedMemoryStream/write(_:count:)`` on the thread of its peer.
package final class OwnSlot: @unchecked Sendable {
  private let segment: Segment
  private let direction: Direction
  private let reference: SlotReference
  private var isClaimed = false
  private var isSent = false

  init(_ segment: Segment, _ direction: Direction, _ reference: SlotReference) {
    self.segment = segment
    self.direction = direction
    self.reference = reference
  }

  deinit {
    guard !isSent else { return }
    segment.state(direction, slotClass: reference.slotClass, index: reference.index)?
      .clearReleasing()
  }

  /// How many bytes it was asked for.
  package var count: Int { reference.length }

  /// Calls `body` with its bytes, which hold what a former payload left. Nothing may be written after it was sent.
  package func withBytes<Result>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    let slot = segment.slot(direction, slotClass: reference.slotClass, index: reference.index)
    return try withExtendedLifetime(self) {
      try body(
        UnsafeMutableRawBufferPointer(rebasing: (slot ?? .init(start: nil, count: 0)).prefix(count))
      )
    }
  }

  /// Whether the slot is one of `segment`, in that direction.
  func belongs(to segment: Segment, _ direction: Direction) -> Bool {
    self.segment === segment && self.direction == direction
  }

  /// Claims its first `count` bytes for a message, once; false when that was done before or it is smaller.
  func claim(_ count: Int) -> Bool {
    guard !isClaimed, count >= 0, count <= reference.length else { return false }
    isClaimed = true
    return true
  }

  /// What a record says of its first `count` bytes.
  func reference(_ count: Int) -> SlotReference {
    SlotReference(slotClass: reference.slotClass, index: reference.index, length: count)
  }

  /// The record is in the ring: from now on the receiver frees the slot.
  func markSent() { isSent = true }
}
