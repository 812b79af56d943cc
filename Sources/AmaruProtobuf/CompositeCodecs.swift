// SPDX-License-Identifier: Apache-2.0

/// A field whose type is a message.
public enum MessageCodec<Value: Message>: FieldCodec {
  @inlinable public static var wireType: WireType { .lengthDelimited }
  @inlinable public static var zero: Value { Value() }
  @inlinable public static func isZero(_ value: Value) -> Bool { false }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> Value {
    var message = Value()
    try reader.message(&message)
    return message
  }
  @inlinable
  public static func write(_ value: Value, to writer: inout BackWriter) {
    let before = writer.count
    value.writeBackward(&writer)
    writer.varint(UInt64(truncatingIfNeeded: writer.count &- before))
  }
  @inlinable
  public static func merge(
    _ value: inout Value, from reader: inout Reader, _ tag: UInt32
  ) throws(DecodingError) {
    try reader.message(&value)
  }
}

/// A field whose type is a message that ends with a tag: a group of proto2, or the feature
/// `message_encoding = DELIMITED` (protobuf.dev, "Encoding": Groups).
public enum GroupCodec<Value: Message>: FieldCodec {
  @inlinable public static var wireType: WireType { .startGroup }
  @inlinable public static var zero: Value { Value() }
  @inlinable public static func isZero(_ value: Value) -> Bool { false }
  /// Not to be used without a tag: the end could not be found. Always throws.
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> Value {
    throw .unbalancedGroup
  }
  @inlinable
  public static func read(
    _ reader: inout Reader, _ tag: UInt32
  ) throws(DecodingError) -> Value {
    var message = Value()
    try reader.group(&message, tag)
    return message
  }
  @inlinable
  public static func merge(
    _ value: inout Value, from reader: inout Reader, _ tag: UInt32
  ) throws(DecodingError) {
    try reader.group(&value, tag)
  }
  /// Writes the fields alone.
  @inlinable
  public static func write(_ value: Value, to writer: inout BackWriter) {
    value.writeBackward(&writer)
  }
  @inlinable
  public static func write(_ value: Value, _ tag: UInt32, to writer: inout BackWriter) {
    // The end's wire type is the one after the start's.
    writer.tag(tag &+ 1)
    value.writeBackward(&writer)
    writer.tag(tag)
  }
}

/// A field whose type is an enum. Of a closed one, generated code reads only what is declared
/// (`Reader+ClosedEnums.swift`).
public enum EnumCodec<Value: ProtoEnum>: FieldCodec {
  @inlinable public static var wireType: WireType { .varint }
  @inlinable public static var zero: Value { Value() }
  @inlinable public static func isZero(_ value: Value) -> Bool { value.rawValue == 0 }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> Value {
    try reader.enumeration()
  }
  @inlinable
  public static func write(_ value: Value, to writer: inout BackWriter) {
    writer.varint(UInt64(bitPattern: Int64(value.rawValue)))
  }
}
