// SPDX-License-Identifier: Apache-2.0
import CPythonABI

/// An object of Python's. Who has one from Python borrows it, unless a name says otherwise.
typealias Object = UnsafeMutablePointer<PyObject>

/// An exception is set in Python: return nil, or -1, to it.
struct Raised: Error {}

/// What Swift code says to Python. All of it needs the GIL.
enum Python {
  /// A new reference to `None`.
  static var none: Object {
    let none = amaru_py_none()!
    Py_IncRef(none)
    return none
  }

  /// Sets an exception.
  static func raise(_ type: Object?, _ text: String) -> Raised {
    PyErr_SetString(type, text)
    return Raised()
  }

  /// Whether an object is not there, or `None`.
  static func isNone(_ object: Object?) -> Bool { object == nil || object == amaru_py_none() }

  /// A new text.
  static func text(_ text: String) -> Object? {
    var text = text
    return text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        PyUnicode_FromStringAndSize($0.baseAddress, $0.count)
      }
    }
  }

  /// The text of an object.
  static func text(of object: Object?, _ name: String) throws(Raised) -> String {
    guard let object, amaru_py_is_text(object) != 0 else {
      throw raise(amaru_py_type_error(), "\(name) must be a str")
    }
    var count = 0
    guard let start = PyUnicode_AsUTF8AndSize(object, &count) else { throw Raised() }
    return String(
      decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// New bytes.
  static func bytes(_ bytes: UnsafeRawBufferPointer) -> Object? {
    PyBytes_FromStringAndSize(
      bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
  }

  /// Calls `body` with the bytes of an object that has some.
  static func withBytes<Result>(
    of object: Object?, _ body: (UnsafeRawBufferPointer) throws(Raised) -> Result
  ) throws(Raised) -> Result {
    guard let object else { throw raise(amaru_py_type_error(), "a bytes-like object is wanted") }
    if amaru_py_is_bytes(object) != 0 {
      return try body(
        UnsafeRawBufferPointer(start: PyBytes_AsString(object), count: PyBytes_Size(object)))
    }
    var view = Py_buffer()
    guard PyObject_GetBuffer(object, &view, Int32(PyBUF_SIMPLE)) == 0 else {
      throw Raised()
    }
    defer { PyBuffer_Release(&view) }
    return try body(UnsafeRawBufferPointer(start: view.buf, count: view.len))
  }

  /// A number of seconds in nanoseconds; nil for `None`. What is below 0 is 0.
  static func nanoseconds(_ object: Object?) throws(Raised) -> UInt64? {
    if isNone(object) { return nil }
    let seconds = PyFloat_AsDouble(object)
    if seconds == -1, PyErr_Occurred() != nil { throw Raised() }
    guard seconds == seconds else { throw raise(amaru_py_value_error(), "a time is not a number") }
    return UInt64(min(max(seconds, 0), 1e9) * 1e9)
  }

  /// A whole number.
  static func integer(_ object: Object?, _ name: String) throws(Raised) -> Int {
    let number = PyLong_AsLongLong(object)
    if number == -1, PyErr_Occurred() != nil { throw Raised() }
    return Int(number)
  }

  /// Lets other threads run while `body` waits. It touches nothing of Python's.
  static func waiting<Result>(_ body: () -> Result) -> Result {
    let thread = PyEval_SaveThread()
    defer { PyEval_RestoreThread(thread) }
    return body()
  }
}
