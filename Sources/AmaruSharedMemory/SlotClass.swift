// SPDX-License-Identifier: Apache-2.0

/// Slots of one size for the payloads of one direction.
package struct SlotClass: Hashable, Sendable {
  /// Bytes of a slot: a multiple of 4096.
  package let slotBytes: Int
  /// How many slots there are in each direction.
  package let slotCount: Int

  /// A class of `slotCount` slots of `slotBytes` bytes; ``SegmentLayout`` checks both.
  package init(slotBytes: Int, slotCount: Int) {
    self.slotBytes = slotBytes
    self.slotCount = slotCount
  }
}
