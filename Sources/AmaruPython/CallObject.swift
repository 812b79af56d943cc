// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruSharedMemory
import CPythonABI

/// A call that Python handles, at either end. Needs the GIL.
class CallObject: SharedMemoryStreamHandler, NewsBearer {
  final let connection: Connection
  final var stream: SharedMemoryStream!
  /// `on_change`: called when there is news; let go of at the call's end, as it may refer to the call.
  private final var onChange: Object?
  /// Whether ``tell()`` is about to be called.
  private final var isTold = false
  private final var hasEnded = false

  init(_ connection: Connection) { self.connection = connection }

  deinit { if let onChange { Py_DecRef(onChange) } }

  final func setOnChange(_ function: Object?) {
    if let function { Py_IncRef(function) }
    let old = onChange
    onChange = function
    if let old { Py_DecRef(old) }
  }

  /// There is news; the last one, or more may come. Other threads that wait look too.
  final func changed(isLast: Bool = false) {
    if connection.poller.hasOthers { connection.poller.wake() }
    hasEnded = hasEnded || isLast
    guard !isTold else { return }
    isTold = true
    connection.tellLater(self)
  }

  /// Tells Python; what it raises is reported, and stops nothing.
  final func tell() {
    isTold = false
    guard let function = onChange else { return }
    Py_IncRef(function)
    if hasEnded { setOnChange(nil) }
    if let result = PyObject_CallNoArgs(function) {
      Py_DecRef(result)
    } else {
      PyErr_WriteUnraisable(function)
    }
    Py_DecRef(function)
  }

  /// The next message; nil when none is there.
  final func take() throws(Raised) -> Object? {
    do throws(SharedMemoryError) {
      guard let message = try stream.takeMessage() else { return nil }
      return try? Payload.object(message)
    } catch {
      throw NativeError.raise(error)
    }
  }

  func streamHasMessage() { changed() }
  func halfClosed() { changed() }
  func roomAvailable() { changed() }
  func cancelled() {}
  func headArrived(_ metadata: Metadata) {}
  func statusArrived(_ status: CallStatus) {}
  func lost(_ error: SharedMemoryError) {}

  // MARK: What the types of both ends have alike

  /// The methods of both ends.
  static var methods: [PyMethodDef] {
    [
      method(
        "take",
        noArguments: { object, _ in
          let call = NativeType.value(object, as: CallObject.self)
          return result { () throws(Raised) in try call.take() ?? Python.none }
        }),
      method(
        "write",
        oneArgument: { object, message in
          let call = NativeType.value(object, as: CallObject.self)
          return result { () throws(Raised) in
            guard let message else { throw Raised() }
            try call.stream.write(message)
            return Python.none
          }
        }),
    ]
  }

  /// The properties of both ends.
  static var properties: [PyGetSetDef] {
    [
      property(
        "is_half_closed",
        { object, _ in
          let call = NativeType.value(object, as: CallObject.self)
          return PyBool_FromLong(call.stream.isHalfClosed ? 1 : 0)
        }),
      property(
        "has_room",
        { object, _ in
          let call = NativeType.value(object, as: CallObject.self)
          return PyBool_FromLong(call.stream.hasRoom ? 1 : 0)
        }),
      property(
        "on_change",
        { object, _ in
          guard let function = NativeType.value(object, as: CallObject.self).onChange else {
            return Python.none
          }
          Py_IncRef(function)
          return function
        },
        set: { object, function, _ in
          guard Python.isNone(function) || PyCallable_Check(function) != 0 else {
            _ = Python.raise(amaru_py_type_error(), "on_change must be callable or None")
            return -1
          }
          NativeType.value(object, as: CallObject.self).setOnChange(
            Python.isNone(function) ? nil : function)
          return 0
        }),
    ]
  }
}
