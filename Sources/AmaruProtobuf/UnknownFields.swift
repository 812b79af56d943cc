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

  /// Adds a field: its tag in canonical form, then its payload as it came.
  @usableFromInline
  mutating func append(tag: UInt32, payload: RawSpan) {
    var bytes = storage ?? []
    storage = nil
    var rest = tag
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
    payload.withUnsafeBytes { buffer in
      // SAFETY: read only, within the closure.
      unsafe bytes.append(contentsOf: buffer)
    }
    storage = bytes
  }
}
