// SPDX-License-Identifier: Apache-2.0

/// Where the bytes of a message are.
package enum Payload: Hashable, Sendable {
  /// In the record itself.
  case inline([UInt8])
  /// In a slot, which the receiver has to take from its ``SlotReceiver``.
  case slot(SlotReference)
}
