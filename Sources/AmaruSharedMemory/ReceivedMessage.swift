// SPDX-License-Identifier: Apache-2.0

/// A message of a peer, where it lies now.
package enum ReceivedMessage: Sendable {
  /// In memory of this process.
  case bytes([UInt8])
  /// In shared memory, as long as the slot is held. The peer may change it meanwhile.
  case slot(LentSlot)

  /// How many bytes it has.
  package var count: Int {
    switch self {
    case .bytes(let bytes): bytes.count
    case .slot(let slot): slot.count
    }
  }

  /// A copy of it, which nobody changes.
  package func copied() -> [UInt8] {
    switch self {
    case .bytes(let bytes): bytes
    case .slot(let slot): slot.withBytes { [UInt8]($0) }
    }
  }
}
