// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruSharedMemory
import CPythonABI

/// `amaru._native.NativeError`: a status of gRPC's as an exception.
enum NativeError {
  nonisolated(unsafe) private(set) static var type: Object?

  static func register(in module: Object) throws(Raised) {
    type = PyErr_NewException("amaru._native.NativeError", nil, nil)
    guard let type, PyModule_AddObjectRef(module, "NativeError", type) == 0 else {
      throw Raised()
    }
  }

  /// Sets the exception for a status.
  static func raise(_ status: CallStatus) -> Raised {
    guard let type, let code = PyLong_FromLongLong(Int64(status.code.rawValue)),
      let message = Python.text(status.message),
      let details = status.details.withUnsafeBytes({ Python.bytes($0) }),
      let trailers = try? status.trailers.tuple(),
      let error = amaru_py_call2(type, code, message)
    else { return Raised() }
    for (name, value) in [
      ("code", code), ("message", message), ("details", details), ("trailing_metadata", trailers),
    ] {
      PyObject_SetAttrString(error, name, value)
      Py_DecRef(value)
    }
    PyErr_SetObject(type, error)
    Py_DecRef(error)
    return Raised()
  }

  static func raise(_ code: StatusCode, _ message: String) -> Raised {
    raise(CallStatus(code: code, message: message))
  }

  /// Sets the exception for what went wrong with shared memory.
  static func raise(_ error: SharedMemoryError) -> Raised { raise(error.status) }
}

extension SharedMemoryError {
  /// The status of a call that ends with it.
  var status: CallStatus {
    switch self {
    case .tooLarge: CallStatus(code: .resourceExhausted, message: "\(self)")
    case .invalidName, .invalidLayout: CallStatus(code: .invalidArgument, message: "\(self)")
    default: CallStatus(code: .unavailable, message: "\(self)")
    }
  }
}
