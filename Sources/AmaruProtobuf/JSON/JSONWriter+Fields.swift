// SPDX-License-Identifier: Apache-2.0

// What generated code calls: one call for a field, with its JSON name and, where that is another,
// the one of the `.proto` file.
extension JSONWriter {
  /// Writes the start of a message's object.
  @inline(never)
  public mutating func beginMessage() {
    enter()
    open(UInt8(ascii: "{"))
    if let type = anyType {
      anyType = nil
      string("@type")
      makeKey()
      string(type)
    }
  }

  /// Goes one level deeper.
  mutating func enter() {
    depthLeft &-= 1
    if depthLeft < 0 { fail(.depthLimitExceeded) }
  }

  /// Goes back to the level above.
  mutating func leave() { depthLeft &+= 1 }

  /// Writes the end of a message's object.
  @inline(never)
  public mutating func endMessage() {
    depthLeft &+= 1
    close(UInt8(ascii: "}"))
  }

  /// Writes a field, whatever its value.
  @inlinable
  @inline(never)
  public mutating func field<Codec: FieldCodec>(
    _ name: StaticString, proto: StaticString? = nil, _ value: Codec.Value, _ codec: Codec.Type
  ) {
    key(name, proto)
    Codec.writeJSON(value, to: &self)
  }

  /// Writes a field without presence, unless it has its default.
  @inlinable
  @inline(never)
  public mutating func singular<Codec: FieldCodec>(
    _ name: StaticString, proto: StaticString? = nil, _ value: Codec.Value, _ codec: Codec.Type
  ) {
    if Codec.isZero(value), !writesDefaults { return }
    key(name, proto)
    Codec.writeJSON(value, to: &self)
  }

  /// Writes a field with presence when it is set.
  @inlinable
  @inline(never)
  public mutating func optional<Codec: FieldCodec>(
    _ name: StaticString, proto: StaticString? = nil, _ value: Codec.Value?, _ codec: Codec.Type
  ) {
    guard let value else { return }
    key(name, proto)
    Codec.writeJSON(value, to: &self)
  }

  /// Writes a message field that lives in a box when it is set.
  @inlinable
  @inline(never)
  public mutating func optional<Codec: FieldCodec>(
    _ name: StaticString, proto: StaticString? = nil, _ value: Box<Codec.Value>?,
    _ codec: Codec.Type
  ) {
    guard let value else { return }
    key(name, proto)
    Codec.writeJSON(value.value, to: &self)
  }

  /// Writes a repeated field, unless it is empty.
  @inlinable
  @inline(never)
  public mutating func repeated<Codec: FieldCodec>(
    _ name: StaticString, proto: StaticString? = nil, _ values: [Codec.Value], _ codec: Codec.Type
  ) {
    if values.isEmpty, !writesDefaults { return }
    key(name, proto)
    elements(values, codec)
  }

  /// Writes the elements of a repeated field as a list.
  @inlinable
  @inline(never)
  mutating func elements<Codec: FieldCodec>(_ values: [Codec.Value], _ codec: Codec.Type) {
    beginList()
    // A span spares a retain and a release for each element.
    let span = values.span
    for index in span.indices { Codec.writeJSON(span[index], to: &self) }
    endList()
  }

  @inline(never)
  @usableFromInline
  mutating func beginList() { open(UInt8(ascii: "[")) }

  @inline(never)
  @usableFromInline
  mutating func endList() { close(UInt8(ascii: "]")) }

  /// Writes a map, unless it is empty.
  @inlinable
  @inline(never)
  public mutating func map<Key: MapKeyCodec, Value: FieldCodec>(
    _ name: StaticString, proto: StaticString? = nil, _ entries: [Key.Value: Value.Value],
    _ key: Key.Type, _ value: Value.Type
  ) {
    if entries.isEmpty, !writesDefaults { return }
    self.key(name, proto)
    self.entries(entries, key, value)
  }

  /// Writes the entries of a map as an object.
  @inlinable
  @inline(never)
  mutating func entries<Key: MapKeyCodec, Value: FieldCodec>(
    _ entries: [Key.Value: Value.Value], _ key: Key.Type, _ value: Value.Type
  ) {
    beginMap()
    if sortsMaps {
      for (entryKey, entryValue) in entries.sorted(by: { Key.isLess($0.key, than: $1.key) }) {
        Key.writeJSONKey(entryKey, to: &self)
        Value.writeJSON(entryValue, to: &self)
      }
    } else {
      for (entryKey, entryValue) in entries {
        Key.writeJSONKey(entryKey, to: &self)
        Value.writeJSON(entryValue, to: &self)
      }
    }
    endMap()
  }

  @usableFromInline var sortsMaps: Bool { options.sortsMaps }

  @inline(never)
  @usableFromInline
  mutating func beginMap() { open(UInt8(ascii: "{")) }

  @inline(never)
  @usableFromInline
  mutating func endMap() { close(UInt8(ascii: "}")) }
}
