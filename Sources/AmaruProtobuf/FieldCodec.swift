// SPDX-License-Identifier: Apache-2.0

/// How one proto type is read and written: a stateless type without values.
///
/// The code for repeated fields, maps and presence is generic over it and exists once.
public protocol FieldCodec {
  /// The Swift type of the field.
  associatedtype Value: Sendable & Hashable

  /// The wire type of a value that is not packed.
  static var wireType: WireType { get }

  /// The value of a field that is not set.
  static var zero: Value { get }

  /// Whether a field without presence is left out on encoding.
  static func isZero(_ value: Value) -> Bool

  /// Reads a payload.
  static func read(_ reader: inout Reader) throws(DecodingError) -> Value

  /// Writes a payload, with its length when it has one, without a tag.
  static func write(_ value: Value, to writer: inout BackWriter)

  /// Reads the payload behind a tag, which a group needs to find its end.
  static func read(_ reader: inout Reader, _ tag: UInt32) throws(DecodingError) -> Value

  /// Reads another occurrence of a singular field: the last one wins, messages are merged.
  static func merge(
    _ value: inout Value, from reader: inout Reader, _ tag: UInt32
  ) throws(DecodingError)

  /// Writes a field with its tag, which a group has at both ends.
  static func write(_ value: Value, _ tag: UInt32, to writer: inout BackWriter)

  /// Whether null in JSON is a value; otherwise it means that the field is not set.
  static var readsJSONNull: Bool { get }

  /// Reads the JSON form. Returns nil for an enum's name that is unknown and ignored.
  static func readJSON(_ reader: inout JSONReader) throws(JSONDecodingError) -> Value?

  /// Writes the JSON form.
  static func writeJSON(_ value: Value, to writer: inout JSONWriter)
}

extension FieldCodec {
  @inlinable
  @inline(__always)
  public static func read(
    _ reader: inout Reader, _ tag: UInt32
  ) throws(DecodingError) -> Value {
    try read(&reader)
  }

  @inlinable
  public static func merge(
    _ value: inout Value, from reader: inout Reader, _ tag: UInt32
  ) throws(DecodingError) {
    value = try read(&reader, tag)
  }

  @inlinable
  @inline(__always)
  public static func write(_ value: Value, _ tag: UInt32, to writer: inout BackWriter) {
    write(value, to: &writer)
    writer.tag(tag)
  }
}

/// A codec of a type that can be the key of a map.
public protocol MapKeyCodec: FieldCodec {
  /// Whether one key comes before another in a sorted map.
  static func isLess(_ left: Value, than right: Value) -> Bool

  /// Reads the key of a JSON object.
  static func readJSONKey(_ reader: inout JSONReader) throws(JSONDecodingError) -> Value

  /// Writes the key of a JSON object.
  static func writeJSONKey(_ value: Value, to writer: inout JSONWriter)
}

extension MapKeyCodec where Value: Comparable {
  @inlinable
  public static func isLess(_ left: Value, than right: Value) -> Bool { left < right }
}
