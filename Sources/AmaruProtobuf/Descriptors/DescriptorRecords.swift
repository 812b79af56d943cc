// SPDX-License-Identifier: Apache-2.0

// What a pool holds. Records refer to each other by their places in the pool's arrays, so that a
// pool has no reference cycles; the public descriptors are a pool and a place.

struct FileRecord: Sendable {
  let proto: Google_Protobuf_FileDescriptorProto
  let name: String
  let package: String
  let features: Features
  var imports: [Int] = []
  var messages: [Int] = []
  var enums: [Int] = []
  var services: [Int] = []
  var extensions: [Int] = []
}

struct MessageRecord: Sendable {
  let proto: Google_Protobuf_DescriptorProto
  let name: String
  let fullName: String
  let file: Int
  let parent: Int?
  let features: Features
  var fields: [Int] = []
  var oneofs: [Int] = []
  var nested: [Int] = []
  var enums: [Int] = []
  var extensions: [Int] = []
  var byNumber: [Int32: Int] = [:]
  var byName: [String: Int] = [:]
  var byJSONName: [String: Int] = [:]
  /// Fields in the order of their numbers.
  var sorted: [Int] = []
  /// Extensions of this message that the pool knows, by number.
  var extending: [Int32: Int] = [:]
  /// In order.
  var extensionRanges: [Range<Int32>] = []
  var reservedRanges: [Range<Int32>] = []
  let isMapEntry: Bool
  let isMessageSet: Bool
}

/// A field's type by its place in the pool.
enum TypeReference: Sendable, Hashable {
  case scalar(ScalarType)
  case enumeration(Int)
  case message(Int)
}

struct FieldRecord: Sendable {
  let proto: Google_Protobuf_FieldDescriptorProto
  let name: String
  let number: Int32
  let file: Int
  /// The message that declares the field; of an extension, the message around it.
  let scope: Int?
  let isExtension: Bool
  let features: Features
  /// The place of the oneof, also of one that only gives presence.
  let oneof: Int?
  var jsonName = ""
  /// The message that has the field.
  var containing = 0
  var type = TypeReference.scalar(.bool)
  var isRepeated = false
  var isRequired = false
  var hasPresence = false
  var isPacked = false
  var isDelimited = false
  /// The places of key and value of a map's entry.
  var mapEntry: MapEntry?
  /// What the declaration states, or zero; nothing for messages.
  var defaultValue: DynamicValue?

  struct MapEntry: Sendable {
    let key: Int
    let value: Int
  }

  /// Whether it holds one value.
  var isSingular: Bool { !isRepeated }
}

struct OneofRecord: Sendable {
  let proto: Google_Protobuf_OneofDescriptorProto
  let name: String
  let containing: Int
  let features: Features
  var fields: [Int] = []
  var isSynthetic = false
}

struct EnumRecord: Sendable {
  let proto: Google_Protobuf_EnumDescriptorProto
  let name: String
  let fullName: String
  let file: Int
  let parent: Int?
  let isClosed: Bool
  /// The first value with a number.
  var byNumber: [Int32: Int] = [:]
  var byName: [String: Int] = [:]
}

struct ServiceRecord: Sendable {
  let proto: Google_Protobuf_ServiceDescriptorProto
  let name: String
  let fullName: String
  let file: Int
  var methods: [MethodRecord] = []
  var byName: [String: Int] = [:]
}

struct MethodRecord: Sendable {
  let proto: Google_Protobuf_MethodDescriptorProto
  let name: String
  let input: Int
  let output: Int
}

/// What a full name means.
enum Symbol: Sendable, Hashable {
  case package
  case message(Int)
  case enumeration(Int)
  case service(Int)
  case extensionField(Int)
}
