// SPDX-License-Identifier: Apache-2.0

/// A protobuf enum: a number with names for the values that the schema knows.
///
/// An open enum takes any 32-bit number, and one without a name survives a round trip. Therefore a
/// conforming type is a structure with static members, and a `switch` over it needs a `default`.
public protocol ProtoEnum: RawRepresentable, Sendable, Hashable where RawValue == Int32 {
  /// Makes the value with this number, whether it has a name or not.
  init(rawValue: Int32)

  /// The full proto name without a leading dot, for example `inventory.Color`.
  static var protoName: String { get }

  /// Makes the value that a field has when it is not set: the first one of the declaration.
  init()

  /// The names of the values that the schema knows.
  static var valueNames: EnumNames { get }
}

extension ProtoEnum {
  /// Makes the value with number zero, the default where the declaration begins with zero.
  @inlinable
  public init() { self.init(rawValue: 0) }
}

/// An enum that takes only the numbers that it declares, as those of proto2 do.
///
/// A field that is read with another number stays as it was, and the number is kept among the
/// unknown fields (protobuf.dev, "Enum Behavior"). Values that a program makes are not checked.
public protocol ClosedProtoEnum: ProtoEnum {
  /// Whether a value has this number.
  static func declares(_ number: Int32) -> Bool
}
