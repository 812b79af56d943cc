// SPDX-License-Identifier: Apache-2.0

/// The fields of a message that its schema does not know, in wire format, in the order they came.
///
/// One word in size; no heap memory when there are none.
@frozen
public struct UnknownFields: Sendable, Hashable {
  @usableFromInline var storage: [UInt8]?

  /// Makes an empty collection.
  @inlinable
  public init() { storage = nil }

  /// Whether no field is held.
  @inlinable
  public var isEmpty: Bool { storage == nil }

  /// The fields in wire format; empty when there are none.
  @inlinable
  public var bytes: [UInt8] { storage ?? [] }

  /// Moves the bytes out, so that they can be added to without a copy.
  mutating func take() -> [UInt8] {
    let bytes = storage ?? []
    storage = nil
    return bytes
  }

  /// Moves the bytes back.
  mutating func put(_ bytes: [UInt8]) { storage = bytes }
}
