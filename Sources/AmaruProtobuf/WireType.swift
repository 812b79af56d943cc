// SPDX-License-Identifier: Apache-2.0

/// How a field's payload is delimited: the low three bits of a tag.
///
/// A structure in place of an enum, so that comparing with a constant folds away in generic code
/// and every bit pattern is a value.
@frozen
public struct WireType: RawRepresentable, Sendable, Hashable {
  public let rawValue: UInt32

  @inlinable
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// A varint of up to ten bytes.
  @inlinable public static var varint: WireType { WireType(rawValue: 0) }
  /// Eight bytes, little-endian.
  @inlinable public static var fixed64: WireType { WireType(rawValue: 1) }
  /// A varint length and as many bytes.
  @inlinable public static var lengthDelimited: WireType { WireType(rawValue: 2) }
  /// The fields up to the end tag with the same number (deprecated in proto2, gone in proto3).
  @inlinable public static var startGroup: WireType { WireType(rawValue: 3) }
  /// The end of a group.
  @inlinable public static var endGroup: WireType { WireType(rawValue: 4) }
  /// Four bytes, little-endian.
  @inlinable public static var fixed32: WireType { WireType(rawValue: 5) }
}
