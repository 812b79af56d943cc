// SPDX-License-Identifier: Apache-2.0

/// A protobuf enum: a number with names for the values that the schema knows.
///
/// Proto3 enums are open: any 32-bit number is a value, and one without a name survives a round
/// trip. Therefore a conforming type is a structure with static members, and a `switch` over it
/// needs a `default`.
public protocol ProtoEnum: RawRepresentable, Sendable, Hashable where RawValue == Int32 {
  /// Makes the value with this number, whether it has a name or not.
  init(rawValue: Int32)

  /// The full proto name without a leading dot, for example `inventory.Color`.
  static var protoName: String { get }
}

extension ProtoEnum {
  /// Makes the value with number zero, the default of every proto3 enum field.
  @inlinable
  public init() { self.init(rawValue: 0) }
}
