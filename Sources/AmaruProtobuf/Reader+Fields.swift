// SPDX-License-Identifier: Apache-2.0

// What generated code calls: one call for a field.
extension Reader {
  // MARK: Scalars

  /// Reads an `int32`: a varint cut to 32 bits.
  @inlinable
  @inline(__always)
  public mutating func int32() throws(DecodingError) -> Int32 {
    Int32(truncatingIfNeeded: try varint())
  }

  /// Reads an `int64`.
  @inlinable
  @inline(__always)
  public mutating func int64() throws(DecodingError) -> Int64 {
    Int64(bitPattern: try varint())
  }

  /// Reads a `uint32`: a varint cut to 32 bits.
  @inlinable
  @inline(__always)
  public mutating func uint32() throws(DecodingError) -> UInt32 {
    UInt32(truncatingIfNeeded: try varint())
  }

  /// Reads a `uint64`.
  @inlinable
  @inline(__always)
  public mutating func uint64() throws(DecodingError) -> UInt64 {
    try varint()
  }

  /// Reads a `sint32`: zigzag in 32 bits.
  @inlinable
  @inline(__always)
  public mutating func sint32() throws(DecodingError) -> Int32 {
    let value = UInt32(truncatingIfNeeded: try varint())
    return Int32(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
  }

  /// Reads a `sint64`: zigzag in 64 bits.
  @inlinable
  @inline(__always)
  public mutating func sint64() throws(DecodingError) -> Int64 {
    let value = try varint()
    return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
  }

  /// Reads an `sfixed32`.
  @inlinable
  @inline(__always)
  public mutating func sfixed32() throws(DecodingError) -> Int32 {
    Int32(bitPattern: try fixed32())
  }

  /// Reads an `sfixed64`.
  @inlinable
  @inline(__always)
  public mutating func sfixed64() throws(DecodingError) -> Int64 {
    Int64(bitPattern: try fixed64())
  }

  /// Reads a `float`.
  @inlinable
  @inline(__always)
  public mutating func float() throws(DecodingError) -> Float {
    Float(bitPattern: try fixed32())
  }

  /// Reads a `double`.
  @inlinable
  @inline(__always)
  public mutating func double() throws(DecodingError) -> Double {
    Double(bitPattern: try fixed64())
  }

  /// Reads a `bool`: any varint but zero is true.
  @inlinable
  @inline(__always)
  public mutating func bool() throws(DecodingError) -> Bool {
    try varint() != 0
  }

  /// Reads an open enum's value.
  @inlinable
  @inline(__always)
  public mutating func enumeration<Value: ProtoEnum>() throws(DecodingError) -> Value {
    Value(rawValue: try int32())
  }

  // MARK: Messages

  /// Reads a nested message into one that exists already.
  @inlinable
  public mutating func message<M: Message>(_ message: inout M) throws(DecodingError) {
    let outside = try enter()
    guard depthLeft > 0 else { throw .depthLimitExceeded }
    depthLeft &-= 1
    try message.merge(from: &self)
    depthLeft &+= 1
    leave(outside)
  }

  /// Reads a singular message field; when it is set already, the two are merged.
  @inlinable
  public mutating func message<M: Message>(_ field: inout M?) throws(DecodingError) {
    if field == nil { field = M() }
    // The assignment above leaves no nil.
    try message(&field!)
  }

  /// Reads a singular message field that lives in a box, because it contains itself.
  @inlinable
  public mutating func message<M: Message>(_ field: inout Box<M>?) throws(DecodingError) {
    var value = field?.value ?? M()
    try message(&value)
    field = Box(value)
  }

  /// Reads a singular field whose message ends with a tag; what is set already is merged with it.
  @inlinable
  public mutating func group<M: Message>(
    _ field: inout M?, _ tag: UInt32
  ) throws(DecodingError) {
    var value = field ?? M()
    try group(&value, tag)
    field = value
  }

  /// Reads a singular field that lives in a box and whose message ends with a tag.
  @inlinable
  public mutating func group<M: Message>(
    _ field: inout Box<M>?, _ tag: UInt32
  ) throws(DecodingError) {
    var value = field?.value ?? M()
    try group(&value, tag)
    field = Box(value)
  }

  // MARK: Repeated fields and maps

  /// Reads one element of a repeated field.
  @inlinable
  public mutating func append<Codec: FieldCodec>(
    _ field: inout [Codec.Value], _ tag: UInt32, _ codec: Codec.Type
  ) throws(DecodingError) {
    if Codec.wireType == .lengthDelimited, field.capacity == 0 {
      field.reserveCapacity(countRun(of: tag))
    }
    field.append(try Codec.read(&self, tag))
  }

  /// Reads the elements of a packed repeated field.
  @inlinable
  public mutating func packed<Codec: FieldCodec>(
    _ field: inout [Codec.Value], _ codec: Codec.Type
  ) throws(DecodingError) {
    let outside = try enter()
    let count: Int
    switch Codec.wireType {
    case .fixed32: count = remaining / 4
    case .fixed64: count = remaining / 8
    default: count = countVarints()
    }
    // Exact only the first time: exact growth at each of many short runs would be quadratic.
    if field.capacity == 0 { field.reserveCapacity(count) }
    while remaining > 0 { field.append(try Codec.read(&self)) }
    leave(outside)
  }

  /// Reads one entry of a map. A key or value that is missing has its default; an entry with the
  /// same key replaces the earlier one.
  @inlinable
  public mutating func map<Key: FieldCodec, Value: FieldCodec>(
    _ field: inout [Key.Value: Value.Value], _ tag: UInt32, _ key: Key.Type, _ value: Value.Type
  ) throws(DecodingError) where Key.Value: Hashable {
    if field.isEmpty { field = Dictionary(minimumCapacity: countRun(of: tag)) }
    let outside = try enter()
    var entryKey = Key.zero
    var entryValue = Value.zero
    while let tag = try nextTag() {
      if tag == 1 << 3 | Key.wireType.rawValue {
        entryKey = try Key.read(&self)
      } else if tag == 2 << 3 | Value.wireType.rawValue {
        entryValue = try Value.read(&self)
      } else {
        try skip(tag)
      }
    }
    leave(outside)
    field[entryKey] = entryValue
  }

  // MARK: Fields outside of the schema

  /// Keeps a field that the schema does not know, or that has another wire type there: its tag in
  /// canonical form, then its payload as it came.
  @inline(never)
  public mutating func unknown(
    _ tag: UInt32, into fields: inout UnknownFields
  ) throws(DecodingError) {
    if tag & 7 == WireType.endGroup.rawValue { return try endGroup(tag) }
    let before = remaining
    try skip(tag)
    keep(tag, since: before, in: &fields)
  }

  /// Keeps the bytes since an earlier state of the reader behind a tag.
  func keep(_ tag: UInt32, since remaining: Int, in fields: inout UnknownFields) {
    fields.change { bytes in
      UnknownFields.append(varint: UInt64(tag), to: &bytes)
      append(since: remaining, to: &bytes)
    }
  }

  /// Passes over a field's payload.
  @inline(never)
  public mutating func skip(_ tag: UInt32) throws(DecodingError) {
    guard tag >> 3 != 0 else { throw .invalidTag }
    switch WireType(rawValue: tag & 7) {
    case .varint: _ = try varint()
    case .fixed64: try advance(by: 8)
    case .lengthDelimited: try advance(by: length())
    case .fixed32: try advance(by: 4)
    case .startGroup: try skipGroup(tag)
    case .endGroup: throw .unbalancedGroup
    default: throw .invalidTag
    }
  }

  /// Passes over a group's fields and its end.
  private mutating func skipGroup(_ start: UInt32) throws(DecodingError) {
    guard depthLeft > 0 else { throw .depthLimitExceeded }
    depthLeft -= 1
    while let tag = try nextTag() {
      if tag & 7 == WireType.endGroup.rawValue {
        guard tag >> 3 == start >> 3 else { throw .unbalancedGroup }
        depthLeft += 1
        return
      }
      try skip(tag)
    }
    throw .unbalancedGroup
  }
}
