// SPDX-License-Identifier: Apache-2.0
import CPythonABI

/// `amaru.arrays` and handlers ask for room here: `allocate(listener, channel or call, size)`.
private let allocate: PyCFunctionWithKeywords = { _, positional, named in
  result { () throws(Raised) in
    let arguments = try Arguments(positional, named, ["owner", "size"])
    let size = try Python.integer(arguments.required(1), "size")
    guard size >= 0 else { throw Python.raise(amaru_py_value_error(), "size is below 0") }
    guard let connection = NativeType.connection(of: try arguments.required(0)) else {
      throw Python.raise(
        amaru_py_type_error(), "owner must be a listener, a channel or a call that is connected")
    }
    return try WritableSlot.object(size, of: connection.peer)
  }
}

nonisolated(unsafe) private let functions: UnsafeMutablePointer<PyMethodDef> = {
  let methods = UnsafeMutablePointer<PyMethodDef>.allocate(capacity: 2)
  methods[0] = method("allocate", allocate)
  methods[1] = PyMethodDef()
  return methods
}()

nonisolated(unsafe) private let definition: UnsafeMutablePointer<PyModuleDef> = {
  let name: StaticString = "amaru._native"
  let definition = UnsafeMutablePointer<PyModuleDef>.allocate(capacity: 1)
  definition.initialize(to: PyModuleDef())
  definition.pointee.m_base.ob_base.ob_refcnt = 1
  definition.pointee.m_name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(
    to: CChar.self)
  // One interpreter of a process has the module.
  definition.pointee.m_size = -1
  definition.pointee.m_methods = functions
  return definition
}()

/// Makes the module: CPython calls it at the first import.
@c(PyInit__native)
public func makeModule() -> UnsafeMutablePointer<PyObject>? {
  // The version of the stable ABI.
  guard let module = PyModule_Create2(definition, 3) else { return nil }
  do throws(Raised) {
    try NativeError.register(in: module)
    try Payload.register(in: module)
    try WritableSlot.register(in: module)
    try ServerCall.register(in: module)
    try ClientCall.register(in: module)
    try Listener.register(in: module)
    try Channel.register(in: module)
    return module
  } catch {
    Py_DecRef(module)
    return nil
  }
}
