// SPDX-License-Identifier: Apache-2.0

/// Where a payload lies among the slots of one direction, as a record carries it.
package struct SlotReference: Hashable, Sendable {
  /// The slot's class, from 0.
  package let slotClass: Int
  /// The slot's number in its class, from 0.
  package let index: Int
  /// Bytes of the payload.
  package let length: Int

  /// A reference, which ``SlotReceiver/take(_:)`` checks.
  package init(slotClass: Int, index: Int, length: Int) {
    self.slotClass = slotClass
    self.index = index
    self.length = length
  }
}
