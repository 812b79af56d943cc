// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import CPythonABI

extension Metadata {
  /// A new tuple of pairs of a name and its value: a `str`, or `bytes` where the name ends in `-bin`.
  func tuple() throws(Raised) -> Object {
    guard let tuple = PyTuple_New(count) else { throw Raised() }
    for (place, entry) in entries.enumerated() {
      guard let pair = PyTuple_New(2) else { throw Raised() }
      PyTuple_SetItem(pair, 0, Python.text(entry.name))
      let value: Object? =
        switch entry.value {
        case .text(let text): Python.text(text)
        case .binary(let bytes): bytes.withUnsafeBytes { Python.bytes($0) }
        }
      PyTuple_SetItem(pair, 1, value)
      PyTuple_SetItem(tuple, place, pair)
    }
    return tuple
  }

  /// The entries of any iterable of pairs; none of `None`.
  init(_ object: Object?) throws(Raised) {
    self.init()
    guard let object, !Python.isNone(object) else { return }
    guard let tuple = PySequence_Tuple(object) else { throw Raised() }
    defer { Py_DecRef(tuple) }
    for place in 0..<PyTuple_Size(tuple) {
      guard let pair = PySequence_Tuple(PyTuple_GetItem(tuple, place)) else { throw Raised() }
      defer { Py_DecRef(pair) }
      guard PyTuple_Size(pair) == 2, let value = PyTuple_GetItem(pair, 1) else {
        throw Python.raise(amaru_py_value_error(), "metadata must be pairs of a name and a value")
      }
      let name = try Python.text(of: PyTuple_GetItem(pair, 0), "a name of metadata")
      do {
        if name.hasSuffix("-bin") {
          try add(name, try Python.withBytes(of: value) { [UInt8]($0) })
        } else {
          try add(name, try Python.text(of: value, "the value of '\(name)'"))
        }
      } catch let error as MetadataError {
        throw Python.raise(amaru_py_value_error(), "\(error)")
      } catch {
        throw Raised()
      }
    }
  }
}
