// SPDX-License-Identifier: Apache-2.0

// Single values, as the codecs of the scalar types read them.
extension JSONReader {
  // MARK: Integers

  /// Reads an integer of up to 18 digits, bare or in quotes; nil, and nothing is read, when it is
  /// written in any other way.
  @inline(__always)
  private mutating func plainInteger() -> Int64? {
    let isQuoted = token() == UInt8(ascii: "\"")
    let start = mark
    if isQuoted { advance() }
    let isNegative = byte == UInt8(ascii: "-")
    if isNegative { advance() }
    let first = byte
    var value: Int64 = 0
    var count = 0
    while case let digit = byte &- UInt8(ascii: "0"), digit <= 9 {
      value = value &* 10 &+ Int64(digit)
      count &+= 1
      advance()
    }
    let isDone = isQuoted ? byte == UInt8(ascii: "\"") : !Self.continuesNumber(byte)
    guard isDone, count > 0, count <= 18, first != UInt8(ascii: "0") || count == 1 else {
      go(to: start)
      return nil
    }
    if isQuoted { advance() }
    return isNegative ? 0 &- value : value
  }

  private static func continuesNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"),
      UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// Reads an integer in any form: with a fraction of zero, with an exponent where the value is an
  /// integer all the same.
  @inline(never)
  private mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type
  ) throws(JSONDecodingError) -> Value {
    _ = token()
    let start = mark
    guard let number = try number("an integer", { JSONNumber($0) }) else {
      throw expected("an integer", at: start)
    }
    switch number.magnitude {
    case .fraction: throw error(.notAnInteger, at: start)
    case .overflow: throw error(.numberOutOfRange, at: start)
    case .value(let magnitude):
      let value =
        number.isNegative
        ? Value(exactly: -Int128(magnitude)) : Value(exactly: magnitude)
      guard let value else { throw error(.numberOutOfRange, at: start) }
      return value
    }
  }

  /// Reads a number, bare or in quotes, and calls `parse` with its text.
  @inline(__always)
  private mutating func number<Result>(
    _ name: String, _ parse: (Span<UInt8>) -> Result
  ) throws(JSONDecodingError) -> Result {
    let first = token()
    if first == UInt8(ascii: "\"") { return try withString(parse) }
    guard first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") <= 9 else {
      throw expected(name)
    }
    let start = mark
    while Self.continuesNumber(byte) { advance() }
    return withBytes(since: start, parse)
  }

  /// Passes over a number; false when none stands here.
  mutating func skipNumber() throws(JSONDecodingError) -> Bool {
    try number("a value") { JSONNumber($0) } != nil
  }

  /// Reads an `int64`, `sint64` or `sfixed64`.
  @inline(never)
  @usableFromInline
  mutating func int64() throws(JSONDecodingError) -> Int64 {
    if let value = plainInteger() { return value }
    return try integer(Int64.self)
  }

  /// Reads a `uint64` or `fixed64`.
  @inline(never)
  @usableFromInline
  mutating func uint64() throws(JSONDecodingError) -> UInt64 {
    _ = token()
    let start = mark
    if let value = plainInteger() {
      if let value = UInt64(exactly: value) { return value }
      throw error(.numberOutOfRange, at: start)
    }
    return try integer(UInt64.self)
  }

  /// Reads an `int32`, `sint32` or `sfixed32`.
  @inline(never)
  @usableFromInline
  mutating func int32() throws(JSONDecodingError) -> Int32 {
    _ = token()
    let start = mark
    if let value = plainInteger() {
      if let value = Int32(exactly: value) { return value }
      throw error(.numberOutOfRange, at: start)
    }
    return try integer(Int32.self)
  }

  /// Reads a `uint32` or `fixed32`.
  @inline(never)
  @usableFromInline
  mutating func uint32() throws(JSONDecodingError) -> UInt32 {
    _ = token()
    let start = mark
    if let value = plainInteger() {
      if let value = UInt32(exactly: value) { return value }
      throw error(.numberOutOfRange, at: start)
    }
    return try integer(UInt32.self)
  }

  // MARK: Floating point

  private enum Float64 {
    case value(Double)
    /// Correctly rounded only from the text.
    case text(String)
    case malformed
  }

  /// Reads a `double`.
  @inline(never)
  @usableFromInline
  mutating func double() throws(JSONDecodingError) -> Double {
    _ = token()
    let start = mark
    switch try number("a number", Self.parse) {
    case .value(let value): return value
    case .text(let text):
      guard let value = Double(text), value.isFinite else {
        throw error(.numberOutOfRange, at: start)
      }
      return value
    case .malformed: throw expected("a number", at: start)
    }
  }

  /// Reads a `float`, rounded once.
  @inline(never)
  @usableFromInline
  mutating func float() throws(JSONDecodingError) -> Float {
    _ = token()
    let start = mark
    let value: Float?
    switch try number("a number", Self.parse) {
    case .value(let double):
      if double.isInfinite || double.isNaN { return Float(double) }
      // Rounding twice is wrong only where the double is half way between two floats, or where
      // floats are subnormal: then the text decides.
      let isExact =
        double.bitPattern & 0x1fff_ffff != 0x1000_0000
        && (double == 0 || double.magnitude >= Double(Float.leastNormalMagnitude))
      if isExact {
        value = Float(double)
      } else {
        go(to: start)
        value = Float(try number("a number") { String(decodingASCII: $0) })
      }
    case .text(let text): value = Float(text)
    case .malformed: throw expected("a number", at: start)
    }
    guard let value, value.isFinite else { throw error(.numberOutOfRange, at: start) }
    return value
  }

  private static func parse(_ text: Span<UInt8>) -> Float64 {
    guard let number = JSONNumber(text) else { return special(text) }
    if let value = number.double { return .value(value) }
    return .text(String(decodingASCII: text))
  }

  /// The values that JSON has no numbers for. They stand in quotes: bare, `number` has refused
  /// their first byte, or they have one that no number has.
  private static func special(_ text: Span<UInt8>) -> Float64 {
    if text.isEqual(to: "NaN") { return .value(.nan) }
    if text.isEqual(to: "Infinity") { return .value(.infinity) }
    if text.isEqual(to: "-Infinity") { return .value(-.infinity) }
    return .malformed
  }

  // MARK: Other scalars

  /// Reads a `bool`.
  @inline(never)
  @usableFromInline
  mutating func bool() throws(JSONDecodingError) -> Bool {
    _ = token()
    if accept("true") { return true }
    if accept("false") { return false }
    throw expected("true or false")
  }

  /// Reads a `bytes` field's value: base64 in either alphabet, with or without padding.
  @inline(never)
  @usableFromInline
  mutating func bytes() throws(JSONDecodingError) -> [UInt8] {
    _ = token()
    let start = mark
    guard let bytes = try withString({ JSONBase64.decode($0) }) else {
      throw error(.invalidBase64, at: start)
    }
    return bytes
  }

  /// Reads an enum's value, by name or number; nil for an unknown name that is ignored, and for such
  /// a number of a closed enum.
  @inline(never)
  @usableFromInline
  mutating func enumValue(
    _ names: EnumNames, _ protoName: String, isClosed: @autoclosure () -> Bool
  ) throws(JSONDecodingError) -> Int32? {
    guard token() == UInt8(ascii: "\"") else {
      let start = mark
      let number = try int32()
      if names.table.entry(of: number) != nil || !isClosed() { return number }
      if options.ignoresUnknownFields { return nil }
      throw error(.unknownEnumValue("\(number)", enumeration: protoName), at: start)
    }
    let start = mark
    let place = try withString { names.table.place(of: $0) }
    if let place { return names.table[place].number }
    if options.ignoresUnknownFields { return nil }
    go(to: start)
    let name = try withString { JSONPlace.excerpt($0) }
    throw error(.unknownEnumValue(name, enumeration: protoName), at: start)
  }

  /// Passes over null when it comes next.
  @inlinable
  @inline(__always)
  mutating func acceptNull() -> Bool {
    isNullNext && takeNull()
  }

  @inline(never)
  @usableFromInline
  mutating func takeNull() -> Bool { accept("null") }

  // MARK: Keys of maps

  /// Reads a `bool` key.
  @inline(never)
  @usableFromInline
  mutating func boolKey() throws(JSONDecodingError) -> Bool {
    _ = token()
    let start = mark
    let text = try withString { text -> Bool? in
      text.isEqual(to: "true") ? true : text.isEqual(to: "false") ? false : nil
    }
    guard let text else { throw expected("\"true\" or \"false\"", at: start) }
    return text
  }

  // MARK: Errors

  /// An error that says what should stand at the position, or at an earlier one.
  @inline(never)
  @usableFromInline
  func expected(_ what: String, at mark: Mark? = nil) -> JSONDecodingError {
    error(mark == nil && remaining == 0 ? .unexpectedEnd : .expected(what), at: mark)
  }
}

extension Span<UInt8> {
  /// Whether these are the bytes of a text.
  func isEqual(to text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    var index = 0
    for byte in text.description.utf8 {
      if self[index] != byte { return false }
      index += 1
    }
    return true
  }
}

extension String {
  /// Copies a text that is ASCII.
  init(decodingASCII text: Span<UInt8>) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    for index in text.indices { bytes.append(text[index]) }
    self.init(decoding: bytes, as: UTF8.self)
  }
}
