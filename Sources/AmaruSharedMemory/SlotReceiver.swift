// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The consumer's end of the slots of one direction. May be used from any thread.
package final class SlotReceiver: Sendable {
  private let segment: Segment
  private let direction: Direction
  private let doorbell: Doorbell
  /// The slots that are lent here, by their number: what a peer's state words say is not believed.
  private let lent: Mutex<[Bool]>

  /// The slots of one direction, none lent.
  ///
  /// - Parameter doorbell: The producer's, which is rung when it waits for a slot and one is freed.
  package init(_ segment: Segment, _ direction: Direction, doorbell: Doorbell) {
    self.segment = segment
    self.direction = direction
    self.doorbell = doorbell
    lent = Mutex(Array(repeating: false, count: segment.layout.slotCount))
  }

  /// Lends the payload that a record refers to, until the object is gone.
  ///
  /// - Throws: ``SharedMemoryError/corrupted(_:)`` when there is no such slot, the length is more than it has, or it
  ///   is lent already.
  package func take(_ reference: SlotReference) throws(SharedMemoryError) -> LentSlot {
    let (slotClass, index) = (reference.slotClass, reference.index)
    guard let number = segment.layout.slotNumber(slotClass: slotClass, index: index),
      let bytes = segment.slot(direction, slotClass: slotClass, index: index)
    else { throw .corrupted("there is no slot \(index) of class \(slotClass)") }
    guard reference.length >= 0, reference.length <= bytes.count else {
      throw .corrupted("\(reference.length) bytes in a slot of \(bytes.count)")
    }
    let isNew = lent.withLock { lent in
      guard !lent[number] else { return false }
      lent[number] = true
      return true
    }
    guard isNew else { throw .corrupted("slot \(index) of class \(slotClass) is lent already") }
    return LentSlot(self, reference, number, bytes.prefix(reference.length))
  }

  /// How many slots are lent.
  package var lentCount: Int { lent.withLock { $0.count(where: { $0 }) } }

  /// The slot is of no more use here.
  fileprivate func free(_ reference: SlotReference, _ number: Int) {
    lent.withLock { $0[number] = false }
    segment.state(direction, slotClass: reference.slotClass, index: reference.index)?
      .clearReleasing()
    if segment.control(direction).starved.takeFencing() { doorbell.ring() }
  }
}

/// A payload that lies in shared memory, lent until this object is gone. May be used from any thread.
///
/// It holds the mapping, so that it outlives the connection and the peer. The peer may write to it at
/// any time: what is checked must be copied first.
package final class LentSlot: @unchecked Sendable {
  private let receiver: SlotReceiver
  private let reference: SlotReference
  private let number: Int
  // SAFETY: inside the mapping, which `receiver` holds.
  private let bytes: Slice<UnsafeMutableRawBufferPointer>

  fileprivate init(
    _ receiver: SlotReceiver, _ reference: SlotReference, _ number: Int,
    _ bytes: Slice<UnsafeMutableRawBufferPointer>
  ) {
    self.receiver = receiver
    self.reference = reference
    self.number = number
    self.bytes = bytes
  }

  deinit { receiver.free(reference, number) }

  /// How many bytes the payload has.
  package var count: Int { bytes.count }

  /// Calls `body` with the payload.
  package func withBytes<Result>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(self) {
      try body(UnsafeMutableRawBufferPointer(rebasing: bytes))
    }
  }
}
