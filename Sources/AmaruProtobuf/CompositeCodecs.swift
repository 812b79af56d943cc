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
}

/// A field whose type is an open enum.
public enum EnumCodec<Value: ProtoEnum>: FieldCodec {
  @inlinable public static var wireType: WireType { .varint }
  @inlinable public static var zero: Value { Value(rawValue: 0) }
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
