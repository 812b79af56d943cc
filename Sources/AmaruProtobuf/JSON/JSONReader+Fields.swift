// SPDX-License-Identifier: Apache-2.0

// What generated code calls: one call for a field.
extension JSONReader {
  // MARK: Messages

  /// Reads the start of a message's object.
  @inline(never)
  public mutating func beginMessage(_ names: FieldNames) throws(JSONDecodingError) -> JSONFields {
    try open(UInt8(ascii: "{"), "an object")
    let hasType = isAnyContent
    isAnyContent = false
    return JSONFields(names, hasType: hasType)
  }

  /// Reads the start of an object or a list, one level deeper. ``leave()`` goes back.
  mutating func open(_ bracket: UInt8, _ name: String) throws(JSONDecodingError) {
    guard token() == bracket else { throw expected(name) }
    try enter()
    advance()
  }

  /// Goes one level deeper, into an object or a list that is read by other means.
  mutating func enter() throws(JSONDecodingError) {
    guard depthLeft > 0 else { throw error(.depthLimitExceeded) }
    depthLeft &-= 1
  }

  /// Goes back from where ``enter()`` went.
  mutating func leave() { depthLeft &+= 1 }

  /// Reads the next key and returns its field's number; zero when the message has no such field,
  /// and nil at the end of the message.
  @inline(never)
  public mutating func nextField(
    _ fields: inout JSONFields
  ) throws(JSONDecodingError) -> Int32? {
    while try nextKey(&fields.isFirst) {
      let start = mark
      guard let place = try key(&fields) else {
        if fields.hasType, try isTypeKey(start) {
          try skipValue()
          continue
        }
        unknownKey = start
        try colon()
        return 0
      }
      let entry = fields.table[place]
      guard fields.insert(entry.index) else {
        throw error(.duplicateKey(JSONPlace.excerpt(entry.text.utf8.span)), at: start)
      }
      fields.expected = place &+ 1
      try colon()
      return entry.number
    }
    leave()
    return nil
  }

  /// Goes to the next key of an object, past the comma; false at the end of the object, which is
  /// read.
  mutating func nextKey(_ isFirst: inout Bool) throws(JSONDecodingError) -> Bool {
    guard try nextItem(UInt8(ascii: "}"), &isFirst, "',' or '}'") else { return false }
    guard token() == UInt8(ascii: "\"") else { throw expected("a key") }
    return true
  }

  /// Goes to the next item of an object or a list, past the comma; false at the closing bracket,
  /// which is read.
  @inline(__always)
  mutating func nextItem(
    _ bracket: UInt8, _ isFirst: inout Bool, _ name: String
  ) throws(JSONDecodingError) -> Bool {
    let byte = token()
    if byte == bracket {
      advance()
      return false
    }
    if isFirst {
      isFirst = false
    } else {
      guard byte == UInt8(ascii: ",") else { throw expected(name) }
      advance()
    }
    return true
  }

  /// Reads the colon behind a key.
  @inline(__always)
  mutating func colon() throws(JSONDecodingError) {
    guard token() == UInt8(ascii: ":") else { throw expected("':'") }
    advance()
    isNullNext = token() == UInt8(ascii: "n")
  }

  private mutating func isTypeKey(_ start: Mark) throws(JSONDecodingError) -> Bool {
    let end = mark
    go(to: start)
    let isType = try withString { $0.isEqual(to: "@type") }
    go(to: end)
    if isType { try colon() }
    return isType
  }

  /// Passes over the value of a key that is no field, or throws when that is an error.
  @inline(never)
  public mutating func unknownField(of message: String) throws(JSONDecodingError) {
    if options.ignoresUnknownFields { return try skipValue() }
    go(to: unknownKey)
    let name = try withString { JSONPlace.excerpt($0) }
    throw error(.unknownField(name, message: message), at: unknownKey)
  }

  // MARK: Fields

  /// Reads a field without presence.
  @inlinable
  @inline(never)
  public mutating func singular<Codec: FieldCodec>(
    _ field: inout Codec.Value, _ codec: Codec.Type
  ) throws(JSONDecodingError) {
    if !Codec.readsJSONNull, acceptNull() { return }
    if let value = try Codec.readJSON(&self) { field = value }
  }

  /// Reads a field with presence.
  @inlinable
  @inline(never)
  public mutating func optional<Codec: FieldCodec>(
    _ field: inout Codec.Value?, _ codec: Codec.Type
  ) throws(JSONDecodingError) {
    if !Codec.readsJSONNull, acceptNull() { return }
    if let value = try Codec.readJSON(&self) { field = value }
  }

  /// Reads a message field that lives in a box, because it contains itself.
  @inlinable
  @inline(never)
  public mutating func optional<Codec: FieldCodec>(
    _ field: inout Box<Codec.Value>?, _ codec: Codec.Type
  ) throws(JSONDecodingError) {
    if !Codec.readsJSONNull, acceptNull() { return }
    if let value = try Codec.readJSON(&self) { field = Box(value) }
  }

  /// Reads a member of a oneof, of which none may have been read before.
  @inlinable
  @inline(never)
  public mutating func member<Codec: FieldCodec, Oneof>(
    _ field: inout Oneof?, _ codec: Codec.Type, _ make: (Codec.Value) -> Oneof
  ) throws(JSONDecodingError) {
    if !Codec.readsJSONNull, acceptNull() { return }
    if field != nil { throw secondMember() }
    if let value = try Codec.readJSON(&self) { field = make(value) }
  }

  @inline(never)
  @usableFromInline
  mutating func secondMember() -> JSONDecodingError {
    _ = token()
    return error(.secondMemberOfOneof)
  }

  /// Reads a repeated field.
  @inlinable
  @inline(never)
  public mutating func repeated<Codec: FieldCodec>(
    _ field: inout [Codec.Value], _ codec: Codec.Type
  ) throws(JSONDecodingError) {
    if acceptNull() { return }
    try elements(&field, codec)
  }

  /// Reads a list.
  @inlinable
  @inline(never)
  mutating func elements<Codec: FieldCodec>(
    _ field: inout [Codec.Value], _ codec: Codec.Type
  ) throws(JSONDecodingError) {
    try beginList()
    if field.isEmpty {
      let isNumber = Codec.wireType != .lengthDelimited && Codec.wireType != .startGroup
      let isSmall = MemoryLayout<Codec.Value>.stride <= 64
      field.reserveCapacity(isNumber ? countNumbers() : isSmall ? 4 : 1)
    }
    var isFirst = true
    while try nextElement(&isFirst) {
      if !Codec.readsJSONNull, isNullNext { throw unexpectedNull() }
      if let value = try Codec.readJSON(&self) { field.append(value) }
    }
  }

  /// Reads the start of a list.
  @inline(never)
  @usableFromInline
  mutating func beginList() throws(JSONDecodingError) {
    guard token() == UInt8(ascii: "[") else { throw expected("a list") }
    advance()
  }

  @inline(never)
  @usableFromInline
  mutating func nextElement(_ isFirst: inout Bool) throws(JSONDecodingError) -> Bool {
    guard try nextItem(UInt8(ascii: "]"), &isFirst, "',' or ']'") else { return false }
    isNullNext = token() == UInt8(ascii: "n")
    return true
  }

  @inline(never)
  @usableFromInline
  func unexpectedNull() -> JSONDecodingError { error(.unexpectedNull) }

  /// Reads a map.
  @inlinable
  @inline(never)
  public mutating func map<Key: MapKeyCodec, Value: FieldCodec>(
    _ field: inout [Key.Value: Value.Value], _ key: Key.Type, _ value: Value.Type
  ) throws(JSONDecodingError) {
    if acceptNull() { return }
    try entries(&field, key, value)
  }

  /// Reads an object as a map.
  @inlinable
  @inline(never)
  mutating func entries<Key: MapKeyCodec, Value: FieldCodec>(
    _ field: inout [Key.Value: Value.Value], _ key: Key.Type, _ value: Value.Type
  ) throws(JSONDecodingError) {
    try beginMap()
    var isFirst = true
    while try nextEntry(&isFirst) {
      if field.isEmpty { field.reserveCapacity(4) }
      let start = mark
      let entryKey = try Key.readJSONKey(&self)
      try mapColon()
      if !Value.readsJSONNull, isNullNext { throw unexpectedNull() }
      let entryValue = try Value.readJSON(&self)
      if let entryValue, field.updateValue(entryValue, forKey: entryKey) != nil {
        throw duplicateKey(start)
      }
    }
  }

  @inline(never)
  @usableFromInline
  mutating func beginMap() throws(JSONDecodingError) {
    guard token() == UInt8(ascii: "{") else { throw expected("an object") }
    advance()
  }

  @inline(never)
  @usableFromInline
  mutating func nextEntry(_ isFirst: inout Bool) throws(JSONDecodingError) -> Bool {
    try nextKey(&isFirst)
  }

  @inline(never)
  @usableFromInline
  mutating func mapColon() throws(JSONDecodingError) { try colon() }

  @inline(never)
  @usableFromInline
  mutating func duplicateKey(_ start: Mark) -> JSONDecodingError {
    go(to: start)
    let key = (try? withString { JSONPlace.excerpt($0) }) ?? ""
    return error(.duplicateKey(key), at: start)
  }

  // MARK: Values outside of the schema

  /// Passes over a value of any kind.
  @inline(never)
  mutating func skipValue() throws(JSONDecodingError) {
    switch token() {
    case UInt8(ascii: "{"):
      try open(UInt8(ascii: "{"), "an object")
      var isFirst = true
      while try nextKey(&isFirst) {
        try skipString()
        try colon()
        try skipValue()
      }
      leave()
    case UInt8(ascii: "["):
      try open(UInt8(ascii: "["), "a list")
      var isFirst = true
      while try nextElement(&isFirst) { try skipValue() }
      leave()
    case UInt8(ascii: "\""): try skipString()
    case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
    case UInt8(ascii: "n"):
      guard takeNull() else { throw expected("a value") }
    default:
      guard try skipNumber() else { throw expected("a value") }
    }
  }

  private mutating func skipString() throws(JSONDecodingError) { try withString { _ in } }

  /// Reads the end of the text.
  @inline(never)
  @usableFromInline
  mutating func finish() throws(JSONDecodingError) {
    _ = token()
    guard remaining == 0 else { throw error(.trailingBytes) }
  }
}
