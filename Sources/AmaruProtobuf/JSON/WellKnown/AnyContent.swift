// SPDX-License-Identifier: Apache-2.0

/// The message in an `Any`, found by its name.
package enum AnyContent {
  /// How the writing of a content ended.
  enum Outcome {
    case written
    /// No such type is known.
    case unresolved
    /// The bytes are no message of the type.
    case malformed
  }

  /// The well-known types whose JSON form is not that of an ordinary message.
  static let special: [String: any Message.Type] = {
    let types: [any Message.Type] = [
      Google_Protobuf_Any.self, Google_Protobuf_Timestamp.self, Google_Protobuf_Duration.self,
      Google_Protobuf_FieldMask.self, Google_Protobuf_Struct.self, Google_Protobuf_Value.self,
      Google_Protobuf_ListValue.self, Google_Protobuf_DoubleValue.self,
      Google_Protobuf_FloatValue.self, Google_Protobuf_Int64Value.self,
      Google_Protobuf_UInt64Value.self, Google_Protobuf_Int32Value.self,
      Google_Protobuf_UInt32Value.self, Google_Protobuf_BoolValue.self,
      Google_Protobuf_StringValue.self, Google_Protobuf_BytesValue.self,
    ]
    return Dictionary(uniqueKeysWithValues: types.map { ($0.protoName, $0) })
  }()

  /// Whether the runtime writes the JSON form of a type by hand, so that none is generated.
  package static func hasOwnForm(_ name: String) -> Bool { special[name] != nil }

  /// Reads the object of an `Any` as a message of this type, and returns its bytes; nil when
  /// there is no such type.
  static func read(
    _ reader: inout JSONReader, _ name: String
  ) throws(JSONDecodingError) -> [UInt8]? {
    if let type = special[name] { return try readSpecial(&reader, type) }
    let pool = reader.pool
    guard let type = pool?.message(named: name) ?? DescriptorPool.wellKnown.message(named: name)
    else { return nil }
    reader.isAnyContent = true
    return try DynamicMessage(type, from: &reader).encoded()
  }

  /// Reads an object with the keys `@type` and `value`.
  private static func readSpecial<M: Message>(
    _ reader: inout JSONReader, _ type: M.Type
  ) throws(JSONDecodingError) -> [UInt8] {
    var fields = try reader.beginMessage(keys)
    var message: M?
    let start = reader.mark
    while let number = try reader.nextField(&fields) {
      switch number {
      case 1: try reader.skipValue()
      case 2: message = try M(from: &reader)
      default: try reader.unknownField(of: M.protoName)
      }
    }
    guard let message else { throw reader.error(.expected("the key \"value\""), at: start) }
    return message.encoded()
  }

  private static let keys = FieldNames("@type=1;value=2;")

  /// Writes the content of an `Any` with its type.
  static func write(
    _ any: Google_Protobuf_Any, _ name: String, _ writer: inout JSONWriter
  ) -> Outcome {
    guard writer.depthLeft > 0 else {
      writer.fail(.depthLimitExceeded)
      return .written
    }
    if let type = special[name] { return writeSpecial(any, type, &writer) }
    guard
      let type = writer.pool?.message(named: name)
        ?? DescriptorPool.wellKnown.message(named: name)
    else { return .unresolved }
    var message = DynamicMessage(type)
    // What an `Any` holds may be as deep as what encloses it leaves.
    var reader = Reader(any.value.span, depthLimit: writer.depthLeft)
    do {
      try message.merge(from: &reader)
    } catch {
      return .malformed
    }
    writer.anyType = any.typeUrl
    message.writeJSON(&writer)
    return .written
  }

  private static func writeSpecial<M: Message>(
    _ any: Google_Protobuf_Any, _ type: M.Type, _ writer: inout JSONWriter
  ) -> Outcome {
    writer.anyType = any.typeUrl
    writer.beginMessage()
    writer.string("value")
    writer.makeKey()
    defer { writer.endMessage() }
    var message = M()
    var reader = Reader(any.value.span, depthLimit: max(writer.depthLeft, 0))
    do {
      try message.merge(from: &reader)
    } catch {
      return .malformed
    }
    message.writeJSON(&writer)
    return .written
  }
}
