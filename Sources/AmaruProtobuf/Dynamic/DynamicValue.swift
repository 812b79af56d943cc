// SPDX-License-Identifier: Apache-2.0

/// What a field of a ``DynamicMessage`` holds.
///
/// The case follows from the field: `sint32` and `sfixed32` are `int32`, and so on. A list holds
/// elements of one such case.
public enum DynamicValue: Sendable, Hashable {
  case bool(Bool)
  case int32(Int32)
  case int64(Int64)
  case uint32(UInt32)
  case uint64(UInt64)
  case float(Float)
  case double(Double)
  case string(String)
  case bytes([UInt8])
  /// The number of an enum's value.
  case enumeration(Int32)
  /// A message or a group.
  case message(DynamicMessage)
  /// The elements of a repeated field.
  case list([DynamicValue])
  /// The entries of a map.
  case map([DynamicMapKey: DynamicValue])

  /// Whether a field without presence is left out with this value. A negative zero is not zero.
  var isZero: Bool {
    switch self {
    case .bool(let value): !value
    case .int32(let value): value == 0
    case .int64(let value): value == 0
    case .uint32(let value): value == 0
    case .uint64(let value): value == 0
    case .float(let value): value.bitPattern == 0
    case .double(let value): value.bitPattern == 0
    case .string(let value): value.isEmpty
    case .bytes(let value): value.isEmpty
    case .enumeration(let number): number == 0
    case .message: false
    case .list(let values): values.isEmpty
    case .map(let entries): entries.isEmpty
    }
  }

  /// The message, when it is one.
  public var message: DynamicMessage? {
    if case .message(let message) = self { message } else { nil }
  }
}
