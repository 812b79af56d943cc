// SPDX-License-Identifier: Apache-2.0

// One codec for each scalar type of the language (protobuf.dev, "Scalar Value Types").

/// The proto type `int32`: a negative number takes ten bytes.
public enum Int32Codec: MapKeyCodec {
  @inlinable public static var wireType: WireType { .varint }
  @inlinable public static var zero: Int32 { 0 }
  @inlinable public static func isZero(_ value: Int32) -> Bool { value == 0 }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> Int32 {
    try reader.int32()
  }
  @inlinable
  public static func write(_ value: Int32, to writer: inout BackWriter) {
    writer.varint(UInt64(bitPattern: Int64(value)))
  }
}

/// The proto type `int64`.
public enum Int64Codec: MapKeyCodec {
  @inlinable public static var wireType: WireType { .varint }
  @inlinable public static var zero: Int64 { 0 }
  @inlinable public static func isZero(_ value: Int64) -> Bool { value == 0 }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> Int64 {
    try reader.int64()
  }
  @inlinable
  public static func write(_ value: Int64, to writer: inout BackWriter) {
    writer.varint(UInt64(bitPattern: value))
  }
}

/// The proto type `uint32`.
public enum UInt32Codec: MapKeyCodec {
  @inlinable public static var wireType: WireType { .varint }
  @inlinable public static var zero: UInt32 { 0 }
  @inlinable public static func isZero(_ value: UInt32) -> Bool { value == 0 }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> UInt32 {
    try reader.uint32()
  }
  @inlinable
  public static func write(_ value: UInt32, to writer: inout BackWriter) {
    writer.varint(UInt64(value))
  }
}

/// The proto type `uint64`.
public enum UInt64Codec: MapKeyCodec {
  @inlinable public static var wireType: WireType { .varint }
  @inlinable public static var zero: UInt64 { 0 }
  @inlinable public static func isZero(_ value: UInt64) -> Bool { value == 0 }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> UInt64 {
    try reader.uint64()
  }
  @inlinable
  public static func write(_ value: UInt64, to writer: inout BackWriter) {
    writer.varint(value)
  }
}

/// The proto type `sint32`, zigzag.
public enum SInt32Codec: MapKeyCodec {
  @inlinable public static var wireType: WireType { .varint }
  @inlinable public static var zero: Int32 { 0 }
  @inlinable public static func isZero(_ value: Int32) -> Bool { value == 0 }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> Int32 {
    try reader.sint32()
  }
  @inlinable
  public static func write(_ value: Int32, to writer: inout BackWriter) {
    writer.varint(UInt64(UInt32(bitPattern: (value << 1) ^ (value >> 31))))
  }
}

/// The proto type `sint64`, zigzag.
public enum SInt64Codec: MapKeyCodec {
  @inlinable public static var wireType: WireType { .varint }
  @inlinable public static var zero: Int64 { 0 }
  @inlinable public static func isZero(_ value: Int64) -> Bool { value == 0 }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> Int64 {
    try reader.sint64()
  }
  @inlinable
  public static func write(_ value: Int64, to writer: inout BackWriter) {
    writer.varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }
}

/// The proto type `bool`.
public enum BoolCodec: MapKeyCodec {
  @inlinable public static var wireType: WireType { .varint }
  @inlinable public static var zero: Bool { false }
  @inlinable public static func isZero(_ value: Bool) -> Bool { !value }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> Bool {
    try reader.bool()
  }
  @inlinable
  public static func write(_ value: Bool, to writer: inout BackWriter) {
    writer.varint(value ? 1 : 0)
  }
  @inlinable
  public static func isLess(_ left: Bool, than right: Bool) -> Bool { !left && right }
}

/// The proto type `fixed32`.
public enum Fixed32Codec: MapKeyCodec {
  @inlinable public static var wireType: WireType { .fixed32 }
  @inlinable public static var zero: UInt32 { 0 }
  @inlinable public static func isZero(_ value: UInt32) -> Bool { value == 0 }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> UInt32 {
    try reader.fixed32()
  }
  @inlinable
  public static func write(_ value: UInt32, to writer: inout BackWriter) {
    writer.fixed32(value)
  }
}

/// The proto type `fixed64`.
public enum Fixed64Codec: MapKeyCodec {
  @inlinable public static var wireType: WireType { .fixed64 }
  @inlinable public static var zero: UInt64 { 0 }
  @inlinable public static func isZero(_ value: UInt64) -> Bool { value == 0 }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> UInt64 {
    try reader.fixed64()
  }
  @inlinable
  public static func write(_ value: UInt64, to writer: inout BackWriter) {
    writer.fixed64(value)
  }
}

/// The proto type `sfixed32`.
public enum SFixed32Codec: MapKeyCodec {
  @inlinable public static var wireType: WireType { .fixed32 }
  @inlinable public static var zero: Int32 { 0 }
  @inlinable public static func isZero(_ value: Int32) -> Bool { value == 0 }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> Int32 {
    try reader.sfixed32()
  }
  @inlinable
  public static func write(_ value: Int32, to writer: inout BackWriter) {
    writer.fixed32(UInt32(bitPattern: value))
  }
}

/// The proto type `sfixed64`.
public enum SFixed64Codec: MapKeyCodec {
  @inlinable public static var wireType: WireType { .fixed64 }
  @inlinable public static var zero: Int64 { 0 }
  @inlinable public static func isZero(_ value: Int64) -> Bool { value == 0 }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> Int64 {
    try reader.sfixed64()
  }
  @inlinable
  public static func write(_ value: Int64, to writer: inout BackWriter) {
    writer.fixed64(UInt64(bitPattern: value))
  }
}

/// The proto type `float`; negative zero is not the default.
public enum FloatCodec: FieldCodec {
  @inlinable public static var wireType: WireType { .fixed32 }
  @inlinable public static var zero: Float { 0 }
  @inlinable public static func isZero(_ value: Float) -> Bool { value.bitPattern == 0 }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> Float {
    try reader.float()
  }
  @inlinable
  public static func write(_ value: Float, to writer: inout BackWriter) {
    writer.fixed32(value.bitPattern)
  }
}

/// The proto type `double`; negative zero is not the default.
public enum DoubleCodec: FieldCodec {
  @inlinable public static var wireType: WireType { .fixed64 }
  @inlinable public static var zero: Double { 0 }
  @inlinable public static func isZero(_ value: Double) -> Bool { value.bitPattern == 0 }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> Double {
    try reader.double()
  }
  @inlinable
  public static func write(_ value: Double, to writer: inout BackWriter) {
    writer.fixed64(value.bitPattern)
  }
}

/// The proto type `string`.
public enum StringCodec: MapKeyCodec {
  @inlinable public static var wireType: WireType { .lengthDelimited }
  @inlinable public static var zero: String { "" }
  @inlinable public static func isZero(_ value: String) -> Bool { value.isEmpty }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> String {
    try reader.string()
  }
  @inlinable
  public static func write(_ value: String, to writer: inout BackWriter) {
    writer.string(value)
  }
}

/// The proto type `bytes`.
public enum BytesCodec: FieldCodec {
  @inlinable public static var wireType: WireType { .lengthDelimited }
  @inlinable public static var zero: [UInt8] { [] }
  @inlinable public static func isZero(_ value: [UInt8]) -> Bool { value.isEmpty }
  @inlinable
  public static func read(_ reader: inout Reader) throws(DecodingError) -> [UInt8] {
    try reader.bytes()
  }
  @inlinable
  public static func write(_ value: [UInt8], to writer: inout BackWriter) {
    writer.bytes(value)
  }
}
