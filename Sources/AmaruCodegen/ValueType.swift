// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// The type of one value of a field, as Swift code.
struct ValueType {
  let swift: String
  /// The codec as an argument, for example `StringCodec.self`.
  let codec: String
  let wireType: WireType
  /// The expression that reads a value; nil for messages, which are read in place.
  let read: String?
  /// The literal of the default.
  let zero: String
  /// The entry of the message type; nil for scalars and enums.
  let message: TypeTable.Entry?

  var isMessage: Bool { message != nil }

  /// The declared numbers are the only ones: an enum that is closed.
  let isClosed: Bool

  /// - Parameter scope: The Swift names of the types around the field.
  init(
    _ field: Google_Protobuf_FieldDescriptorProto, place: String, in scope: [String],
    isGroup: Bool = false, _ context: FileContext
  ) throws(GenerationError) {
    if let scalar = ScalarType(field.type) {
      let name = context.standard(scalar.swift)
      swift = field.type == .bytes ? "[\(name)]" : name
      codec = "\(context.runtime(scalar.codec)).self"
      wireType = scalar.wireType
      read = "reader.\(scalar.read)()"
      zero = scalar.zero
      message = nil
      isClosed = false
      return
    }
    guard let entry = context.types.entries[field.typeName ?? ""],
      (entry.message == nil) == (field.type == .enum)
    else {
      throw context.error(
        place, "its type \(field.typeName ?? "") is not in the request; import its file")
    }
    let isGroup = isGroup && !entry.isMapEntry
    if entry.isMapEntry {
      swift = ""
      codec = ""
    } else {
      swift = try context.types.reference(entry, from: scope, of: context.name)
      let name = entry.message == nil ? "EnumCodec" : isGroup ? "GroupCodec" : "MessageCodec"
      codec = "\(context.runtime(name))<\(swift)>.self"
    }
    isClosed = entry.enumeration != nil && entry.features.isEnumClosed
    message = entry.message == nil ? nil : entry
    wireType = entry.message == nil ? .varint : isGroup ? .startGroup : .lengthDelimited
    read = entry.message == nil ? "reader.enumeration()" : nil
    zero = "\(swift)()"
  }

  /// The types of key and value when the message type is the entry of a map.
  func mapEntry(
    place: String, in scope: [String], _ context: FileContext
  ) throws(GenerationError) -> (key: ValueType, value: ValueType)? {
    guard let message, message.isMapEntry else { return nil }
    let fields = message.message?.field ?? []
    guard let key = fields.first(where: { $0.number == 1 }),
      let value = fields.first(where: { $0.number == 2 }), ScalarType(key.type) != nil,
      key.type != .bytes, key.type != .double, key.type != .float
    else {
      throw context.error(place, "the map entry is malformed")
    }
    let types = (
      try ValueType(key, place: place, in: scope, context),
      try ValueType(value, place: place, in: scope, context)
    )
    guard types.1.message?.isMapEntry != true else {
      throw context.error(place, "the map entry is malformed")
    }
    return types
  }
}
