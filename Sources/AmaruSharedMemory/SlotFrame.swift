// SPDX-License-Identifier: Apache-2.0

/// What a record says of a message that lies in a slot, behind the call's id.
struct SlotFrame {
  /// Bytes of such a record's body, with the id.
  static let bytes = 24

  private let place: (UInt64, UInt64)

  init(_ slot: SlotReference) {
    let slotClass = UInt64(UInt32(truncatingIfNeeded: slot.slotClass))
    let index = UInt64(UInt32(truncatingIfNeeded: slot.index))
    place = (
      (slotClass | index << 32).littleEndian,
      UInt64(truncatingIfNeeded: slot.length).littleEndian
    )
  }

  /// Calls `body` with the bytes.
  func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws(SharedMemoryError) -> Result
  ) throws(SharedMemoryError) -> Result {
    try withUnsafeBytes(of: place) { bytes throws(SharedMemoryError) in try body(bytes) }
  }
}
