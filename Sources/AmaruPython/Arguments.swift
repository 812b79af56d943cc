// SPDX-License-Identifier: Apache-2.0
import CPythonABI

/// The arguments of a call from Python: by position, then by name.
struct Arguments {
  private let positional: Object?
  private let named: Object?
  private let count: Int

  /// - Parameter names: Of all parameters, in their order.
  /// - Throws: `TypeError` when there are too many, or one by a name that is none.
  init(_ positional: Object?, _ named: Object?, _ names: [StaticString]) throws(Raised) {
    self.positional = positional
    self.named = named
    count = positional.map { PyTuple_Size($0) } ?? 0
    self.names = names
    var known = 0
    if let named {
      for name in names where PyDict_GetItemString(named, Self.text(name)) != nil { known += 1 }
      guard known == PyDict_Size(named) else {
        throw Python.raise(amaru_py_type_error(), "an unknown keyword argument; there are \(names)")
      }
    }
    guard count + known <= names.count else {
      throw Python.raise(amaru_py_type_error(), "at most \(names.count) arguments are taken")
    }
  }

  private let names: [StaticString]

  /// The argument at a place; nil when there is none.
  subscript(_ place: Int) -> Object? {
    if place < count { return PyTuple_GetItem(positional, place) }
    guard let named else { return nil }
    return PyDict_GetItemString(named, Self.text(names[place]))
  }

  /// - Throws: `TypeError` when it is not there.
  func required(_ place: Int) throws(Raised) -> Object {
    guard let object = self[place] else {
      throw Python.raise(amaru_py_type_error(), "the argument '\(names[place])' is missing")
    }
    return object
  }

  private static func text(_ name: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
  }
}
