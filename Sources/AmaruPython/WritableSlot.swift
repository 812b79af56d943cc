// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruSharedMemory
import CPythonABI

/// `amaru._native.WritableSlot`: room for a message in shared memory, which is sent without a copy.
enum WritableSlot {
  nonisolated(unsafe) private static var type: NativeType?

  static func register(in module: Object) throws(Raised) {
    let type = try NativeType(
      "amaru._native.WritableSlot",
      doc:
        "Room for a message in shared memory. Given to write, or returned by a handler, it is sent without a copy.",
      buffer: { object, view, flags in
        let slot = NativeType.value(object, as: OwnSlot.self)
        let isReadOnly: Int32 = slot.isClaimed ? 1 : 0
        return slot.withBytes {
          PyBuffer_FillInfo(view, object, $0.baseAddress, $0.count, isReadOnly, flags)
        }
      })
    try type.add(to: module, "WritableSlot")
    self.type = type
  }

  /// A slot of `size` bytes.
  /// - Throws: `NativeError` with `RESOURCE_EXHAUSTED` when no slot is free or as large.
  static func object(_ size: Int, of peer: SharedMemoryPeer) throws(Raised) -> Object {
    do throws(SharedMemoryError) {
      if let end = peer.end { throw end }
      guard let type, let slot = try peer.lendSlot(size) else {
        throw .tooLarge(bytes: size, limit: 0)
      }
      return try made(type, slot)
    } catch .tooLarge {
      throw NativeError.raise(.resourceExhausted, "no slot of \(size) bytes is free")
    } catch {
      throw NativeError.raise(error)
    }
  }

  private static func made(
    _ type: NativeType, _ slot: OwnSlot
  ) throws(SharedMemoryError) -> Object {
    do throws(Raised) {
      return try type.make(slot)
    } catch {
      throw .system(action: "make an object", code: 12)
    }
  }

  /// The slot of an object, or of a view that begins where it does, and how many bytes of it; nil for other objects.
  static func slot(of object: Object) -> (OwnSlot, count: Int)? {
    guard let type else { return nil }
    if type.isType(of: object) {
      let slot = NativeType.value(object, as: OwnSlot.self)
      return (slot, slot.count)
    }
    guard amaru_py_is_bytes(object) == 0 else { return nil }
    guard let owner = PyObject_GetAttrString(object, "obj") else {
      PyErr_Clear()
      return nil
    }
    defer { Py_DecRef(owner) }
    guard type.isType(of: owner) else { return nil }
    var view = Py_buffer()
    guard PyObject_GetBuffer(object, &view, Int32(PyBUF_SIMPLE)) == 0 else {
      PyErr_Clear()
      return nil
    }
    defer { PyBuffer_Release(&view) }
    let slot = NativeType.value(owner, as: OwnSlot.self)
    guard slot.withBytes({ $0.baseAddress }) == view.buf else { return nil }
    return (slot, view.len)
  }
}

extension SharedMemoryStream {
  /// Sends what an object of Python's holds.
  func write(_ object: Object) throws(Raised) {
    let failure: SharedMemoryError?
    if let (slot, count) = WritableSlot.slot(of: object) {
      do throws(SharedMemoryError) {
        try write(slot, count: count)
        failure = nil
      } catch {
        failure = error
      }
    } else {
      failure = try Python.withBytes(of: object) { bytes in
        do throws(SharedMemoryError) {
          try write(bytes)
          return nil
        } catch {
          return error
        }
      }
    }
    if let failure { throw NativeError.raise(failure) }
  }
}
