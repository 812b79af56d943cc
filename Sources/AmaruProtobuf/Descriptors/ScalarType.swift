// SPDX-License-Identifier: Apache-2.0

/// A type of the language that is neither a message nor an enum (protobuf.dev, "Scalar Value
/// Types").
public enum ScalarType: Sendable, Hashable {
  case double, float
  case int32, int64, uint32, uint64, sint32, sint64
  case fixed32, fixed64, sfixed32, sfixed64
  case bool, string, bytes

  /// The wire type of a value that is not packed.
  public var wireType: WireType {
    switch self {
    case .double, .fixed64, .sfixed64: .fixed64
    case .float, .fixed32, .sfixed32: .fixed32
    case .string, .bytes: .lengthDelimited
    case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .bool: .varint
    }
  }

  /// The value of a field that is not set, where its declaration states no other.
  public var zero: DynamicValue {
    switch self {
    case .double: .double(0)
    case .float: .float(0)
    case .int32, .sint32, .sfixed32: .int32(0)
    case .int64, .sint64, .sfixed64: .int64(0)
    case .uint32, .fixed32: .uint32(0)
    case .uint64, .fixed64: .uint64(0)
    case .bool: .bool(false)
    case .string: .string("")
    case .bytes: .bytes([])
    }
  }

  /// Whether a map can have keys of this type.
  public var isMapKey: Bool {
    switch self {
    case .double, .float, .bytes: false
    default: true
    }
  }

  /// The scalar that a descriptor's type means; nil for messages, groups and enums.
  init?(_ type: Google_Protobuf_FieldDescriptorProto.TypeEnum) {
    switch type {
    case .double: self = .double
    case .float: self = .float
    case .int32: self = .int32
    case .int64: self = .int64
    case .uint32: self = .uint32
    case .uint64: self = .uint64
    case .sint32: self = .sint32
    case .sint64: self = .sint64
    case .fixed32: self = .fixed32
    case .fixed64: self = .fixed64
    case .sfixed32: self = .sfixed32
    case .sfixed64: self = .sfixed64
    case .bool: self = .bool
    case .string: self = .string
    case .bytes: self = .bytes
    default: return nil
    }
  }
}
