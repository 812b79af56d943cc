// SPDX-License-Identifier: Apache-2.0

/// Holds a message field whose type contains the field's own message, on the heap.
///
/// A structure cannot contain itself, so generated code puts the fields on such a cycle into
/// boxes. Copies share the heap object until one of them is changed.
@frozen
public struct Box<Value: Sendable & Hashable>: Hashable, Sendable {
  // Changed only while one box refers to it, so threads never share a changing object.
  @usableFromInline
  final class Storage: @unchecked Sendable {
    @usableFromInline var value: Value

    @inlinable
    init(_ value: Value) { self.value = value }
  }

  @usableFromInline var storage: Storage

  /// Moves a value to the heap.
  @inlinable
  public init(_ value: Value) { storage = Storage(value) }

  /// The value. A change copies it first when another box shares it.
  @inlinable
  public var value: Value {
    get { storage.value }
    _modify {
      if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.value) }
      yield &storage.value
    }
  }

  @inlinable
  public static func == (left: Self, right: Self) -> Bool {
    left.storage === right.storage || left.storage.value == right.storage.value
  }

  @inlinable
  public func hash(into hasher: inout Hasher) { hasher.combine(storage.value) }
}
