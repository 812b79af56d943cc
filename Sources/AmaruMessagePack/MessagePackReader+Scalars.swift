// SPDX-License-Identifier: Apache-2.0

// What has no elements: nil, booleans, numbers, strings, binary and extensions.

extension MessagePackReader {
  /// The family of the next value, which stays.
  public func kind() throws(MessagePackError) -> MessagePackKind {
    guard let kind = MessagePackKind(firstByte: try peek()) else {
      throw MessagePackError(.reservedByte, offset: offset)
    }
    return kind
  }

  /// Reads nil.
  public mutating func null() throws(MessagePackError) {
    let byte = try peek()
    guard byte == 0xc0 else { throw Self.mismatch("nil", byte, offset) }
    advancePeeked()
  }

  /// Whether the next value is nil, which is then passed over.
  @inlinable
  @inline(__always)
  public mutating func takeNull() throws(MessagePackError) -> Bool {
    guard try peek() == 0xc0 else { return false }
    advancePeeked()
    return true
  }

  /// Reads a boolean.
  @inlinable
  public mutating func bool() throws(MessagePackError) -> Bool {
    let byte = try peek()
    guard byte & 0xfe == 0xc2 else { throw Self.mismatch("a boolean", byte, offset) }
    advancePeeked()
    return byte == 0xc3
  }

  // MARK: Numbers

  /// Reads an integer of any width into a type that it fits into.
  @inlinable
  @inline(__always)
  public mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type = Value.self
  ) throws(MessagePackError) -> Value {
    let byte = try peek()
    if byte < 0x80 {
      advancePeeked()
      return Value(truncatingIfNeeded: byte)
    }
    let before = offset
    let wide = try wideInteger()
    let value =
      wide.isNegative ? Value(exactly: Int64(bitPattern: wide.bits)) : Value(exactly: wide.bits)
    guard let value else { throw Self.outOfRange(wide, "\(Value.self)", before) }
    return value
  }

  /// Reads an integer of any width.
  @inline(never)
  @usableFromInline
  mutating func wideInteger() throws(MessagePackError) -> WideInteger {
    let byte = try peek()
    switch byte {
    case 0x00...0x7f:
      advancePeeked()
      return WideInteger(UInt64(byte))
    case 0xe0...0xff:
      advancePeeked()
      return WideInteger(Int64(Int8(bitPattern: byte)))
    case 0xcc...0xd3:
      advancePeeked()
      return switch byte {
      case 0xcc: WideInteger(UInt64(try load8()))
      case 0xcd: WideInteger(UInt64(try load16()))
      case 0xce: WideInteger(UInt64(try load32()))
      case 0xcf: WideInteger(try load64())
      case 0xd0: WideInteger(Int64(Int8(bitPattern: try load8())))
      case 0xd1: WideInteger(Int64(Int16(bitPattern: try load16())))
      case 0xd2: WideInteger(Int64(Int32(bitPattern: try load32())))
      default: WideInteger(Int64(bitPattern: try load64()))
      }
    default: throw Self.mismatch("an integer", byte, offset)
    }
  }

  /// Reads a number: a float of 64 or 32 bits, or an integer that a `Double` holds exactly.
  @inlinable
  @inline(__always)
  public mutating func double() throws(MessagePackError) -> Double {
    if let value = double64() { return value }
    return try otherDouble()
  }

  @inline(never)
  @usableFromInline
  mutating func otherDouble() throws(MessagePackError) -> Double {
    let before = offset
    let byte = try peek()
    switch byte {
    case 0xca:
      advancePeeked()
      return Double(Float(bitPattern: try load32()))
    case 0xcb:
      advancePeeked()
      return Double(bitPattern: try load64())
    case 0x00...0x7f, 0xcc...0xd3, 0xe0...0xff:
      let wide = try wideInteger()
      let value =
        wide.isNegative ? Double(exactly: Int64(bitPattern: wide.bits)) : Double(exactly: wide.bits)
      guard let value else { throw Self.outOfRange(wide, "Double", before) }
      return value
    default: throw Self.mismatch("a float", byte, offset)
    }
  }

  /// Reads a number: a float of 32 bits, one of 64 bits rounded to 32 unless it is out of range,
  /// or an integer that a `Float` holds exactly.
  public mutating func float() throws(MessagePackError) -> Float {
    let before = offset
    let byte = try peek()
    switch byte {
    case 0xca:
      advancePeeked()
      return Float(bitPattern: try load32())
    case 0xcb:
      advancePeeked()
      let wide = Double(bitPattern: try load64())
      let value = Float(wide)
      if wide.isFinite, !value.isFinite {
        throw MessagePackError(.outOfRange(value: "\(wide)", type: "Float"), offset: before)
      }
      return value
    case 0x00...0x7f, 0xcc...0xd3, 0xe0...0xff:
      let wide = try wideInteger()
      let value =
        wide.isNegative ? Float(exactly: Int64(bitPattern: wide.bits)) : Float(exactly: wide.bits)
      guard let value else { throw Self.outOfRange(wide, "Float", before) }
      return value
    default: throw Self.mismatch("a float", byte, offset)
    }
  }

  // MARK: Strings and binary

  /// Reads a string, which must be valid UTF-8.
  @inlinable
  public mutating func string() throws(MessagePackError) -> String {
    try text(try stringLength())
  }

  /// Reads a string as bytes of the input, lent where they lie and not checked to be valid UTF-8.
  @inlinable
  @inline(__always)
  @_lifetime(copy self)
  public mutating func key() throws(MessagePackError) -> MessagePackKey {
    MessagePackKey(try lend(try stringLength()))
  }

  /// Reads a string's length, and checks that it is there and within the limit.
  @inlinable
  @inline(__always)
  mutating func stringLength() throws(MessagePackError) -> Int {
    let byte = try peek()
    if byte & 0xe0 == 0xa0 {
      let count = Int(byte & 0x1f)
      guard count < remaining, count <= limits.maxBytes else {
        throw Self.lengthRefused(count, limits.maxBytes, count + 1 - remaining, offset)
      }
      advancePeeked()
      return count
    }
    return try longStringLength()
  }

  @inline(never)
  @usableFromInline
  mutating func longStringLength() throws(MessagePackError) -> Int {
    let before = offset
    let byte = try peek()
    guard (0xd9...0xdb).contains(byte) else { throw Self.mismatch("a string", byte, offset) }
    advancePeeked()
    return try checkedLength(try width(byte - 0xd9), before)
  }

  /// Reads binary as bytes of the input, lent where they lie.
  @inlinable
  @_lifetime(copy self)
  public mutating func binary() throws(MessagePackError) -> RawSpan {
    try lend(try binaryLength())
  }

  /// Reads binary into an array of its own.
  public mutating func bytes() throws(MessagePackError) -> [UInt8] {
    Self.copy(try binary())
  }

  @inline(never)
  @usableFromInline
  mutating func binaryLength() throws(MessagePackError) -> Int {
    let before = offset
    let byte = try peek()
    guard (0xc4...0xc6).contains(byte) else { throw Self.mismatch("binary", byte, offset) }
    advancePeeked()
    return try checkedLength(try width(byte - 0xc4), before)
  }

  // MARK: Extensions

  /// Reads an extension as its type and bytes of the input, lent where they lie.
  ///
  /// The types from 0 to 127 are the application's, those below zero are the specification's.
  @_lifetime(copy self)
  public mutating func ext() throws(MessagePackError) -> MessagePackExtensionView {
    let header = try extHeader()
    return MessagePackExtensionView(type: header.type, bytes: try lend(header.count))
  }

  /// Reads a timestamp, in any of its three forms (MessagePack specification, "Timestamp
  /// extension type").
  public mutating func timestamp() throws(MessagePackError) -> MessagePackTimestamp {
    let before = offset
    let byte = try peek()
    guard MessagePackKind(firstByte: byte) == .extension else {
      throw Self.mismatch("a timestamp", byte, offset)
    }
    let header = try extHeader()
    guard header.type == MessagePackTimestamp.extensionType else {
      throw MessagePackError(
        .typeMismatch(expected: "a timestamp", found: .extension), offset: before)
    }
    return try timestampBody(header.count, before)
  }

  /// Reads what follows the header of a timestamp.
  mutating func timestampBody(
    _ count: Int, _ before: Int
  ) throws(MessagePackError) -> MessagePackTimestamp {
    let seconds: Int64
    let nanoseconds: UInt32
    switch count {
    case 4: (seconds, nanoseconds) = (Int64(try load32()), 0)
    case 8:
      let both = try load64()
      seconds = Int64(both & 0x3_ffff_ffff)
      nanoseconds = UInt32(truncatingIfNeeded: both >> 34)
    case 12:
      nanoseconds = try load32()
      seconds = Int64(bitPattern: try load64())
    default: throw MessagePackError(.invalidTimestamp, offset: before)
    }
    guard let value = MessagePackTimestamp(seconds: seconds, nanoseconds: nanoseconds) else {
      throw MessagePackError(.invalidTimestamp, offset: before)
    }
    return value
  }

  /// Reads the type and the length of an extension.
  mutating func extHeader() throws(MessagePackError) -> (type: Int8, count: Int) {
    let before = offset
    let byte = try peek()
    let count: Int
    switch byte {
    case 0xd4...0xd8:
      advancePeeked()
      count = 1 << Int(byte - 0xd4)
    case 0xc7...0xc9:
      advancePeeked()
      count = try width(byte - 0xc7)
    default: throw Self.mismatch("an extension", byte, offset)
    }
    let type = Int8(bitPattern: try load8())
    return (type, try checkedLength(count, before))
  }

  // MARK: Lengths

  /// Reads a length or a count of 8, 16 or 32 bits.
  mutating func width(_ step: UInt8) throws(MessagePackError) -> Int {
    switch step {
    case 0: Int(try load8())
    case 1: Int(try load16())
    default: Int(truncatingIfNeeded: try load32())
    }
  }

  private func checkedLength(_ count: Int, _ before: Int) throws(MessagePackError) -> Int {
    guard count <= remaining, count <= limits.maxBytes else {
      throw Self.lengthRefused(count, limits.maxBytes, count - remaining, before)
    }
    return count
  }
}
