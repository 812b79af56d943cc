// SPDX-License-Identifier: Apache-2.0
import AmaruSharedMemory
import CPythonABI

/// `amaru._native.Payload`: a message that lies in shared memory, lent until the last buffer over it is gone.
enum Payload {
  nonisolated(unsafe) private static var type: NativeType?

  static func register(in module: Object) throws(Raised) {
    let type = try NativeType(
      "amaru._native.Payload",
      doc:
        "A message in shared memory, read-only. Its slot is free again when the last buffer over it is gone.",
      buffer: { object, view, flags in
        let slot = NativeType.value(object, as: LentSlot.self)
        // The mapping lives as long as the slot, which the object holds, which the view holds.
        return slot.withBytes {
          PyBuffer_FillInfo(view, object, $0.baseAddress, $0.count, 1, flags)
        }
      })
    try type.add(to: module, "Payload")
    self.type = type
  }

  /// A message for Python: `bytes` when it is in memory of this process already.
  static func object(_ message: consuming ReceivedMessage) throws(Raised) -> Object {
    switch message {
    case .bytes(let bytes):
      guard let object = bytes.withUnsafeBytes({ Python.bytes($0) }) else { throw Raised() }
      return object
    case .slot(let slot):
      guard let type else { throw Raised() }
      return try type.make(slot)
    }
  }
}
