// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// What the generator knows of a scalar proto type.
struct ScalarType {
  /// The Swift type, without the qualification that a name clash asks for.
  let swift: String
  /// The name that the codec and the reader's function are derived from.
  let name: String
  let wireType: WireType
  /// The literal of the default.
  let zero: String

  var codec: String { name + "Codec" }
  /// The function of the reader that reads one value.
  var read: String { name.lowercased() }

  /// The scalar type of a field, or nil for messages, enums and groups.
  init?(_ type: Google_Protobuf_FieldDescriptorProto.TypeEnum?) {
    switch type {
    case .double: self.init("Double", "Double", .fixed64)
    case .float: self.init("Float", "Float", .fixed32)
    case .int64: self.init("Int64", "Int64", .varint)
    case .uint64: self.init("UInt64", "UInt64", .varint)
    case .int32: self.init("Int32", "Int32", .varint)
    case .fixed64: self.init("UInt64", "Fixed64", .fixed64)
    case .fixed32: self.init("UInt32", "Fixed32", .fixed32)
    case .bool: self.init("Bool", "Bool", .varint, zero: "false")
    case .string: self.init("String", "String", .lengthDelimited, zero: "\"\"")
    case .bytes: self.init("UInt8", "Bytes", .lengthDelimited, zero: "[]")
    case .uint32: self.init("UInt32", "UInt32", .varint)
    case .sfixed32: self.init("Int32", "SFixed32", .fixed32)
    case .sfixed64: self.init("Int64", "SFixed64", .fixed64)
    case .sint32: self.init("Int32", "SInt32", .varint)
    case .sint64: self.init("Int64", "SInt64", .varint)
    default: return nil
    }
  }

  private init(_ swift: String, _ name: String, _ wireType: WireType, zero: String = "0") {
    self.swift = swift
    self.name = name
    self.wireType = wireType
    self.zero = zero
  }
}
