// SPDX-License-Identifier: Apache-2.0

// What generated code calls for enums that take only declared numbers. Another number goes to the
// unknown fields, as if the schema did not know the field (protobuf.dev, "Enum Behavior").
extension Reader {
  /// Reads a value, or keeps its number and gives nil.
  @inline(never)
  public mutating func closed<Value: ClosedProtoEnum>(
    _ tag: UInt32, _ type: Value.Type, _ unknown: inout UnknownFields
  ) throws(DecodingError) -> Value? {
    let number = try int32()
    if Value.declares(number) { return Value(rawValue: number) }
    keep(tag, number, in: &unknown)
    return nil
  }

  /// Reads one element of a repeated field.
  @inlinable
  public mutating func append<Value: ClosedProtoEnum>(
    _ field: inout [Value], _ tag: UInt32, closed type: Value.Type, _ unknown: inout UnknownFields
  ) throws(DecodingError) {
    if let value = try closed(tag, type, &unknown) { field.append(value) }
  }

  /// Reads the elements of a packed repeated field; `tag` is that of a single element.
  @inlinable
  public mutating func packed<Value: ClosedProtoEnum>(
    _ field: inout [Value], _ tag: UInt32, closed type: Value.Type, _ unknown: inout UnknownFields
  ) throws(DecodingError) {
    let outside = try enter()
    if field.capacity == 0 { field.reserveCapacity(countVarints()) }
    while remaining > 0 { try append(&field, tag, closed: type, &unknown) }
    leave(outside)
  }

  /// Reads one entry of a map. With a number that is not declared, the whole entry is kept.
  public mutating func map<Key: FieldCodec, Value: ClosedProtoEnum>(
    _ field: inout [Key.Value: Value], _ tag: UInt32, _ key: Key.Type, closed type: Value.Type,
    _ unknown: inout UnknownFields
  ) throws(DecodingError) where Key.Value: Hashable {
    let before = remaining
    var entries: [Key.Value: Value] = [:]
    try map(&entries, tag, key, EnumCodec<Value>.self)
    for (key, value) in entries {
      if Value.declares(value.rawValue) {
        field[key] = value
      } else {
        keep(tag, since: before, in: &unknown)
      }
    }
  }

  /// Keeps a number as a varint field.
  private func keep(_ tag: UInt32, _ number: Int32, in fields: inout UnknownFields) {
    fields.change { bytes in
      UnknownFields.append(varint: UInt64(tag), to: &bytes)
      UnknownFields.append(varint: UInt64(bitPattern: Int64(number)), to: &bytes)
    }
  }
}
