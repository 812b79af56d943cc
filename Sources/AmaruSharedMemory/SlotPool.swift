// SPDX-License-Identifier: Apache-2.0

/// The producer's end of the slots of one direction. One owner, on one thread at a time.
///
/// Only the producer allocates, so that all that is shared of a slot is its state word: the producer
/// sets it, and the consumer clears it when nobody looks at the payload any more.
package struct SlotPool: ~Copyable {
  private let segment: Segment
  private let direction: Direction
  /// Where to look first in each class: behind the slot that was taken last.
  private var nextIndex: [Int]

  /// The slots of one direction, all free.
  package init(_ segment: Segment, _ direction: Direction) {
    self.segment = segment
    self.direction = direction
    nextIndex = segment.layout.slotClasses.map { _ in 0 }
  }

  /// The largest payload that fits into a slot; 0 when there are no slots.
  package var maxPayloadBytes: Int { segment.layout.slotClasses.last?.slotBytes ?? 0 }

  /// Takes a free slot of the smallest class that has one and that `count` bytes fit into, and calls `fill`
  /// with its first `count` bytes, which hold what a former payload left; nil when none is free.
  ///
  /// - Throws: ``SharedMemoryError/tooLarge(bytes:limit:)`` when no slot is that large, whether free or not.
  package mutating func allocate(
    _ count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) throws(SharedMemoryError) -> SlotReference? {
    guard count >= 0, count <= maxPayloadBytes else {
      throw .tooLarge(bytes: count, limit: maxPayloadBytes)
    }
    for (number, slotClass) in segment.layout.slotClasses.enumerated()
    where slotClass.slotBytes >= count {
      for step in 0..<slotClass.slotCount {
        let index = (nextIndex[number] + step) % slotClass.slotCount
        // SYNC POINT: acquire, with the release in `LentSlot`: the consumer has read what it wanted.
        guard let state = segment.state(direction, slotClass: number, index: index),
          !state.isSetAcquiring,
          let slot = segment.slot(direction, slotClass: number, index: index)
        else { continue }
        // Seen by the consumer with the record that refers to the slot: the tail's release orders both.
        state.set()
        nextIndex[number] = index + 1
        fill(UnsafeMutableRawBufferPointer(rebasing: slot.prefix(count)))
        return SlotReference(slotClass: number, index: index, length: count)
      }
    }
    return nil
  }

  /// Takes a free slot as ``allocate(_:_:)`` does, to be filled by its owner.
  package mutating func lend(_ count: Int) throws(SharedMemoryError) -> OwnSlot? {
    guard let reference = try allocate(count, { _ in }) else { return nil }
    return OwnSlot(segment, direction, reference)
  }

  /// Asks to be rung when a slot is freed, after which ``allocate(_:_:)`` has to be tried once more before sleeping.
  package func waitForSlot() { segment.control(direction).starved.setFencing() }

  /// Frees a slot whose reference was never published.
  package func discard(_ reference: SlotReference) {
    segment.state(direction, slotClass: reference.slotClass, index: reference.index)?
      .clearReleasing()
  }
}
