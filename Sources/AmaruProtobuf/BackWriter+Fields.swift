// SPDX-License-Identifier: Apache-2.0

// What generated code calls: one call for a field, the last field first.
extension BackWriter {
  /// Puts a tag in front.
  @inlinable
  @inline(__always)
  public mutating func tag(_ tag: UInt32) {
    varint(UInt64(tag))
  }

  /// Puts a field in front, whatever its value.
  @inlinable
  @inline(__always)
  public mutating func field<Codec: FieldCodec>(
    _ tag: UInt32, _ value: Codec.Value, _ codec: Codec.Type
  ) {
    Codec.write(value, tag, to: &self)
  }

  /// Puts a field without presence in front, unless it has its default.
  @inlinable
  public mutating func singular<Codec: FieldCodec>(
    _ tag: UInt32, _ value: Codec.Value, _ codec: Codec.Type
  ) {
    if !Codec.isZero(value) { field(tag, value, codec) }
  }

  /// Puts a field with presence in front when it is set.
  @inlinable
  public mutating func optional<Codec: FieldCodec>(
    _ tag: UInt32, _ value: Codec.Value?, _ codec: Codec.Type
  ) {
    if let value { field(tag, value, codec) }
  }

  /// Puts a message field that lives in a box in front when it is set.
  @inlinable
  public mutating func optional<Codec: FieldCodec>(
    _ tag: UInt32, _ value: Box<Codec.Value>?, _ codec: Codec.Type
  ) {
    if let value { field(tag, value.value, codec) }
  }

  /// Puts the elements of a repeated field in front, each with its tag.
  @inlinable
  public mutating func repeated<Codec: FieldCodec>(
    _ tag: UInt32, _ values: [Codec.Value], _ codec: Codec.Type
  ) {
    // A span spares a retain and a release for each element.
    let span = values.span
    var index = span.count
    while index > 0 {
      index &-= 1
      field(tag, span[index], codec)
    }
  }

  /// Puts the elements of a repeated field in front, packed behind one tag.
  @inlinable
  public mutating func packed<Codec: FieldCodec>(
    _ tag: UInt32, _ values: [Codec.Value], _ codec: Codec.Type
  ) {
    if values.isEmpty { return }
    let before = count
    let span = values.span
    var index = span.count
    while index > 0 {
      index &-= 1
      Codec.write(span[index], to: &self)
    }
    varint(UInt64(truncatingIfNeeded: count &- before))
    self.tag(tag)
  }

  /// Puts the entries of a map in front.
  @inlinable
  public mutating func map<Key: MapKeyCodec, Value: FieldCodec>(
    _ tag: UInt32, _ entries: [Key.Value: Value.Value], _ key: Key.Type, _ value: Value.Type
  ) {
    if sortsMaps {
      let descending = entries.sorted { Key.isLess($1.key, than: $0.key) }
      for (entryKey, entryValue) in descending {
        entry(tag, entryKey, entryValue, key, value)
      }
    } else {
      for (entryKey, entryValue) in entries { entry(tag, entryKey, entryValue, key, value) }
    }
  }

  /// Puts one entry of a map in front. Key and value are written even when they are defaults.
  @inlinable
  mutating func entry<Key: MapKeyCodec, Value: FieldCodec>(
    _ tag: UInt32, _ entryKey: Key.Value, _ entryValue: Value.Value, _ key: Key.Type,
    _ value: Value.Type
  ) {
    let before = count
    field(2 << 3 | Value.wireType.rawValue, entryValue, value)
    field(1 << 3 | Key.wireType.rawValue, entryKey, key)
    varint(UInt64(truncatingIfNeeded: count &- before))
    self.tag(tag)
  }

  /// Puts the fields that are not in the schema in front.
  @inlinable
  public mutating func unknown(_ fields: UnknownFields) {
    if !fields.isEmpty { prepend(contentsOf: fields.bytes) }
  }
}
