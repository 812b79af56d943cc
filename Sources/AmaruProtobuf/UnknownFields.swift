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

  /// Makes a collection of fields in wire format, after a check that they are.
  public init(bytes: [UInt8]) throws(DecodingError) {
    var reader = Reader(bytes.span)
    while let tag = try reader.nextTag() { try reader.skip(tag) }
    storage = bytes.isEmpty ? nil : bytes
  }

  /// Whether no field is held.
  @inlinable
  public var isEmpty: Bool { storage == nil }

  /// The fields in wire format; empty when there are none.
  @inlinable
  public var bytes: [UInt8] { storage ?? [] }

  /// Changes the bytes in place.
  mutating func change<Failure: Error>(
    _ body: (inout [UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    var bytes: [UInt8]? = nil
    swap(&bytes, &storage)
    var changed = bytes ?? []
    bytes = nil
    defer { storage = changed.isEmpty ? nil : changed }
    try body(&changed)
  }

  /// Appends a varint.
  static func append(varint value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
