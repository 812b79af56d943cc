// SPDX-License-Identifier: Apache-2.0
import CPythonABI

/// A type of Python's whose objects each hold one object of Swift's.
struct NativeType: @unchecked Sendable {
  /// An object in memory.
  private struct Instance {
    var base: PyObject
    var value: Unmanaged<AnyObject>?
  }

  private let type: Object

  /// Makes the type; what it points to is never freed, as the type is not.
  ///
  /// - Parameter new: Makes an object from Python; nil when only Swift code may.
  init(
    _ name: StaticString, doc: StaticString, new: PyCFunctionWithKeywords? = nil,
    methods: [PyMethodDef] = [], properties: [PyGetSetDef] = [],
    buffer: (@convention(c) (Object?, UnsafeMutablePointer<Py_buffer>?, Int32) -> Int32)? = nil
  ) throws(Raised) {
    var slots: [PyType_Slot] = []
    let dealloc: @convention(c) (Object?) -> Void = { object in
      guard let object else { return }
      let type = amaru_py_type(object)
      NativeType.release(object)
      PyObject_Free(object)
      // Each object of a type made at run time holds it.
      Py_DecRef(UnsafeMutableRawPointer(type!).assumingMemoryBound(to: PyObject.self))
    }
    func slot(_ number: Int, _ function: UnsafeMutableRawPointer?) {
      slots.append(PyType_Slot(slot: Int32(number), pfunc: function))
    }
    slot(Py_tp_dealloc, unsafeBitCast(dealloc, to: UnsafeMutableRawPointer.self))
    slot(Py_tp_doc, UnsafeMutableRawPointer(mutating: doc.utf8Start))
    slot(Py_tp_methods, Self.keep(methods + [PyMethodDef()]))
    slot(Py_tp_getset, Self.keep(properties + [PyGetSetDef()]))
    if let buffer {
      slot(Py_bf_getbuffer, unsafeBitCast(buffer, to: UnsafeMutableRawPointer.self))
    }
    if let new { slot(Py_tp_new, unsafeBitCast(new, to: UnsafeMutableRawPointer.self)) }
    slot(0, nil)
    var spec = PyType_Spec(
      name: UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self),
      basicsize: Int32(MemoryLayout<Instance>.size), itemsize: 0,
      flags: new == nil ? amaru_py_type_flags_no_new() : amaru_py_type_flags(),
      slots: Self.keep(slots)?.assumingMemoryBound(to: PyType_Slot.self))
    guard let type = PyType_FromSpec(&spec) else { throw Raised() }
    self.type = type
  }

  private static func keep<Element>(_ array: [Element]) -> UnsafeMutableRawPointer? {
    let kept = UnsafeMutableBufferPointer<Element>.allocate(capacity: array.count)
    _ = kept.initialize(from: array)
    return UnsafeMutableRawPointer(kept.baseAddress)
  }

  /// Adds the type to a module.
  func add(to module: Object, _ name: StaticString) throws(Raised) {
    let name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    guard PyModule_AddObjectRef(module, name, type) == 0 else { throw Raised() }
  }

  /// A new object that holds `value`.
  func make(_ value: AnyObject) throws(Raised) -> Object {
    let type = UnsafeMutableRawPointer(type)
    guard let object = PyType_GenericAlloc(OpaquePointer(type), 0) else { throw Raised() }
    UnsafeMutableRawPointer(object).assumingMemoryBound(to: Instance.self).pointee.value =
      .passRetained(value)
    return object
  }

  /// Whether an object is of this type.
  func isType(of object: Object) -> Bool {
    amaru_py_type(object) == OpaquePointer(UnsafeMutableRawPointer(type))
  }

  /// What an object of one of our types holds. The methods of a type are called with its objects only.
  static func value<Value: AnyObject>(_ object: Object?, as type: Value.Type) -> Value {
    let instance = UnsafeMutableRawPointer(object!).assumingMemoryBound(to: Instance.self)
    return unsafeDowncast(instance.pointee.value!.takeUnretainedValue(), to: type)
  }

  /// The connection of a listener, a channel or a call; nil for other objects.
  static func connection(of object: Object) -> Connection? {
    let types: [(NativeType?, (AnyObject) -> Connection?)] = [
      (Listener.type, { ($0 as? Listener)?.someConnection }),
      (Channel.type, { ($0 as? Channel)?.connection }),
      (ServerCall.type, { ($0 as? ServerCall)?.connection }),
      (ClientCall.type, { ($0 as? ClientCall)?.connection }),
    ]
    for (type, connection) in types where type?.isType(of: object) == true {
      return connection(anyValue(object))
    }
    return nil
  }

  private static func anyValue(_ object: Object) -> AnyObject {
    let instance = UnsafeMutableRawPointer(object).assumingMemoryBound(to: Instance.self)
    return instance.pointee.value!.takeUnretainedValue()
  }

  private static func release(_ object: Object) {
    let instance = UnsafeMutableRawPointer(object).assumingMemoryBound(to: Instance.self)
    instance.pointee.value?.release()
    instance.pointee.value = nil
  }
}

/// A method that takes a tuple of arguments and a dictionary of named ones.
func method(
  _ name: StaticString, _ function: @escaping PyCFunctionWithKeywords
) -> PyMethodDef {
  PyMethodDef(
    ml_name: UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self),
    ml_meth: unsafeBitCast(function, to: PyCFunction.self),
    ml_flags: Int32(METH_VARARGS | METH_KEYWORDS), ml_doc: nil)
}

/// A method without arguments.
func method(_ name: StaticString, noArguments function: @escaping PyCFunction) -> PyMethodDef {
  PyMethodDef(
    ml_name: UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self),
    ml_meth: function, ml_flags: Int32(METH_NOARGS), ml_doc: nil)
}

/// A method with one argument.
func method(_ name: StaticString, oneArgument function: @escaping PyCFunction) -> PyMethodDef {
  PyMethodDef(
    ml_name: UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self),
    ml_meth: function, ml_flags: Int32(METH_O), ml_doc: nil)
}

/// A property.
func property(
  _ name: StaticString, _ get: @escaping PyGetter, set: PySetter? = nil
) -> PyGetSetDef {
  PyGetSetDef(
    name: UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self), get: get, set: set,
    doc: nil, closure: nil)
}

/// The result for Python: nil when an exception is set.
func result(_ body: () throws(Raised) -> Object?) -> Object? {
  do {
    return try body()
  } catch {
    return nil
  }
}
