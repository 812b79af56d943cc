// SPDX-License-Identifier: Apache-2.0

/// A key of a map in a ``DynamicMessage``.
public enum DynamicMapKey: Sendable, Hashable {
  case bool(Bool)
  case int32(Int32)
  case int64(Int64)
  case uint32(UInt32)
  case uint64(UInt64)
  case string(String)

  /// Makes a key of a value; nil when no map has such keys.
  public init?(_ value: DynamicValue) {
    switch value {
    case .bool(let value): self = .bool(value)
    case .int32(let value): self = .int32(value)
    case .int64(let value): self = .int64(value)
    case .uint32(let value): self = .uint32(value)
    case .uint64(let value): self = .uint64(value)
    case .string(let value): self = .string(value)
    case .float, .double, .bytes, .enumeration, .message, .list, .map: return nil
    }
  }

  /// The key as the value of the field `key` of the map's entry.
  public var value: DynamicValue {
    switch self {
    case .bool(let value): .bool(value)
    case .int32(let value): .int32(value)
    case .int64(let value): .int64(value)
    case .uint32(let value): .uint32(value)
    case .uint64(let value): .uint64(value)
    case .string(let value): .string(value)
    }
  }
}

extension DynamicMapKey: Comparable {
  /// The order of keys of one type; between types, that of the cases.
  public static func < (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.bool(let left), .bool(let right)): !left && right
    case (.int32(let left), .int32(let right)): left < right
    case (.int64(let left), .int64(let right)): left < right
    case (.uint32(let left), .uint32(let right)): left < right
    case (.uint64(let left), .uint64(let right)): left < right
    case (.string(let left), .string(let right)):
      left.utf8.lexicographicallyPrecedes(right.utf8)
    default: left.rank < right.rank
    }
  }

  private var rank: Int {
    switch self {
    case .bool: 0
    case .int32: 1
    case .int64: 2
    case .uint32: 3
    case .uint64: 4
    case .string: 5
    }
  }
}

extension DynamicMapKey: CustomStringConvertible {
  /// The key as text, as paths of fields name it.
  public var description: String {
    switch self {
    case .bool(let value): "\(value)"
    case .int32(let value): "\(value)"
    case .int64(let value): "\(value)"
    case .uint32(let value): "\(value)"
    case .uint64(let value): "\(value)"
    case .string(let value): value
    }
  }
}
