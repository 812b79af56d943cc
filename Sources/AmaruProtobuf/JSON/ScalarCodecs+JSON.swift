// SPDX-License-Identifier: Apache-2.0

// The JSON form depends on the Swift type only, whatever the wire format of the proto type is.

extension FieldCodec {
  @inlinable public static var readsJSONNull: Bool { false }
}

extension FieldCodec where Value == Int32 {
  @inlinable
  public static func readJSON(_ reader: inout JSONReader) throws(JSONDecodingError) -> Int32? {
    try reader.int32()
  }
  @inlinable
  public static func writeJSON(_ value: Int32, to writer: inout JSONWriter) {
    writer.integer(Int64(value))
  }
}

extension FieldCodec where Value == Int64 {
  @inlinable
  public static func readJSON(_ reader: inout JSONReader) throws(JSONDecodingError) -> Int64? {
    try reader.int64()
  }
  @inlinable
  public static func writeJSON(_ value: Int64, to writer: inout JSONWriter) {
    writer.quotedInteger(value)
  }
}

extension FieldCodec where Value == UInt32 {
  @inlinable
  public static func readJSON(_ reader: inout JSONReader) throws(JSONDecodingError) -> UInt32? {
    try reader.uint32()
  }
  @inlinable
  public static func writeJSON(_ value: UInt32, to writer: inout JSONWriter) {
    writer.integer(Int64(value))
  }
}

extension FieldCodec where Value == UInt64 {
  @inlinable
  public static func readJSON(_ reader: inout JSONReader) throws(JSONDecodingError) -> UInt64? {
    try reader.uint64()
  }
  @inlinable
  public static func writeJSON(_ value: UInt64, to writer: inout JSONWriter) {
    writer.quotedInteger(value)
  }
}

extension FieldCodec where Value == Bool {
  @inlinable
  public static func readJSON(_ reader: inout JSONReader) throws(JSONDecodingError) -> Bool? {
    try reader.bool()
  }
  @inlinable
  public static func writeJSON(_ value: Bool, to writer: inout JSONWriter) { writer.bool(value) }
}

extension FieldCodec where Value == Float {
  @inlinable
  public static func readJSON(_ reader: inout JSONReader) throws(JSONDecodingError) -> Float? {
    try reader.float()
  }
  @inlinable
  public static func writeJSON(_ value: Float, to writer: inout JSONWriter) { writer.float(value) }
}

extension FieldCodec where Value == Double {
  @inlinable
  public static func readJSON(_ reader: inout JSONReader) throws(JSONDecodingError) -> Double? {
    try reader.double()
  }
  @inlinable
  public static func writeJSON(_ value: Double, to writer: inout JSONWriter) {
    writer.double(value)
  }
}

extension FieldCodec where Value == String {
  @inlinable
  public static func readJSON(_ reader: inout JSONReader) throws(JSONDecodingError) -> String? {
    try reader.string()
  }
  @inlinable
  public static func writeJSON(_ value: String, to writer: inout JSONWriter) {
    writer.string(value)
  }
}

extension FieldCodec where Value == [UInt8] {
  @inlinable
  public static func readJSON(_ reader: inout JSONReader) throws(JSONDecodingError) -> [UInt8]? {
    try reader.bytes()
  }
  @inlinable
  public static func writeJSON(_ value: [UInt8], to writer: inout JSONWriter) {
    writer.base64(value)
  }
}

extension FieldCodec where Value: Message {
  @inlinable public static var readsJSONNull: Bool { Value.readsJSONNull }
  @inlinable
  public static func readJSON(_ reader: inout JSONReader) throws(JSONDecodingError) -> Value? {
    var message = Value()
    try message.merge(fromJSON: &reader)
    return message
  }
  @inlinable
  public static func writeJSON(_ value: Value, to writer: inout JSONWriter) {
    value.writeJSON(&writer)
  }
}

extension FieldCodec where Value: ProtoEnum {
  @inlinable public static var readsJSONNull: Bool { Value.self == Google_Protobuf_NullValue.self }
  @inlinable
  public static func readJSON(_ reader: inout JSONReader) throws(JSONDecodingError) -> Value? {
    if readsJSONNull, reader.acceptNull() { return Value() }
    return try reader.enumValue(
      Value.valueNames, Value.protoName, isClosed: Value.self is any ClosedProtoEnum.Type
    ).map { Value(rawValue: $0) }
  }
  @inlinable
  public static func writeJSON(_ value: Value, to writer: inout JSONWriter) {
    if readsJSONNull { return writer.null() }
    writer.enumValue(value.rawValue, Value.valueNames)
  }
}

// MARK: Keys of maps

extension MapKeyCodec where Value == Int32 {
  @inlinable
  public static func readJSONKey(_ reader: inout JSONReader) throws(JSONDecodingError) -> Int32 {
    try reader.int32()
  }
  @inlinable
  public static func writeJSONKey(_ value: Int32, to writer: inout JSONWriter) {
    writer.quotedInteger(Int64(value))
    writer.makeKey()
  }
}

extension MapKeyCodec where Value == Int64 {
  @inlinable
  public static func readJSONKey(_ reader: inout JSONReader) throws(JSONDecodingError) -> Int64 {
    try reader.int64()
  }
  @inlinable
  public static func writeJSONKey(_ value: Int64, to writer: inout JSONWriter) {
    writer.quotedInteger(value)
    writer.makeKey()
  }
}

extension MapKeyCodec where Value == UInt32 {
  @inlinable
  public static func readJSONKey(_ reader: inout JSONReader) throws(JSONDecodingError) -> UInt32 {
    try reader.uint32()
  }
  @inlinable
  public static func writeJSONKey(_ value: UInt32, to writer: inout JSONWriter) {
    writer.quotedInteger(Int64(value))
    writer.makeKey()
  }
}

extension MapKeyCodec where Value == UInt64 {
  @inlinable
  public static func readJSONKey(_ reader: inout JSONReader) throws(JSONDecodingError) -> UInt64 {
    try reader.uint64()
  }
  @inlinable
  public static func writeJSONKey(_ value: UInt64, to writer: inout JSONWriter) {
    writer.quotedInteger(value)
    writer.makeKey()
  }
}

extension MapKeyCodec where Value == Bool {
  @inlinable
  public static func readJSONKey(_ reader: inout JSONReader) throws(JSONDecodingError) -> Bool {
    try reader.boolKey()
  }
  @inlinable
  public static func writeJSONKey(_ value: Bool, to writer: inout JSONWriter) {
    writer.boolKey(value)
  }
}

extension MapKeyCodec where Value == String {
  @inlinable
  public static func readJSONKey(_ reader: inout JSONReader) throws(JSONDecodingError) -> String {
    try reader.string()
  }
  @inlinable
  public static func writeJSONKey(_ value: String, to writer: inout JSONWriter) {
    writer.string(value)
    writer.makeKey()
  }
}
