// SPDX-License-Identifier: Apache-2.0

// Arrays, maps, and what is passed over.

extension MessagePackReader {
  /// Reads the header of an array and returns how many elements follow. When they are read,
  /// ``endContainer()`` must be called.
  ///
  /// The count is within the limit, and not more than the bytes that are left.
  @inlinable
  @inline(__always)
  public mutating func beginArray() throws(MessagePackError) -> Int {
    let byte = try peek()
    if byte & 0xf0 == 0x90 {
      return try begin(Int(byte & 0x0f), 1)
    }
    return try beginLong(0xdc, 1, "an array")
  }

  /// Reads the header of a map and returns how many entries follow, a key and a value each. When
  /// they are read, ``endContainer()`` must be called.
  ///
  /// The count is within the limit, and not more than half of the bytes that are left.
  @inlinable
  @inline(__always)
  public mutating func beginMap() throws(MessagePackError) -> Int {
    let byte = try peek()
    if byte & 0xf0 == 0x80 {
      return try begin(Int(byte & 0x0f), 2)
    }
    return try beginLong(0xde, 2, "a map")
  }

  /// Ends the innermost array or map. Nothing is checked; calls without a begin do no harm.
  @inlinable
  @inline(__always)
  public mutating func endContainer() {
    if depthLeft < limits.effectiveDepth { depthLeft &+= 1 }
  }

  /// Reads a header of one byte, and checks the count and the depth.
  @inlinable
  @inline(__always)
  mutating func begin(_ count: Int, _ bytesEach: Int) throws(MessagePackError) -> Int {
    guard depthLeft > 0, count &* bytesEach < remaining, count <= limits.maxCount else {
      throw Self.containerRefused(
        count, count &* bytesEach &+ 1 &- remaining, depthLeft, limits, offset)
    }
    depthLeft &-= 1
    advancePeeked()
    return count
  }

  /// Reads a header with 16 or 32 bits of count, and checks the count and the depth.
  @inline(never)
  @usableFromInline
  mutating func beginLong(
    _ first: UInt8, _ bytesEach: Int, _ expected: StaticString
  ) throws(MessagePackError) -> Int {
    let before = offset
    let byte = try peek()
    guard byte == first || byte == first + 1 else { throw Self.mismatch(expected, byte, offset) }
    advancePeeked()
    let count = try width(byte - first + 1)
    guard depthLeft > 0, count * bytesEach <= remaining, count <= limits.maxCount else {
      throw Self.containerRefused(
        count, count * bytesEach - remaining, depthLeft, limits, before)
    }
    depthLeft -= 1
    return count
  }

  // MARK: Whole containers

  /// Reads a map with string keys: calls `body` for each entry with its key, to read the value or
  /// to pass over it with ``skip()``.
  ///
  /// Keys may come more than once: `body` is called for each, so that the last one wins when it
  /// assigns. An error gets the key into its path.
  @inlinable
  @inline(__always)
  public mutating func map(
    _ body: (MessagePackKey, inout MessagePackReader) throws(MessagePackError) -> Void
  ) throws(MessagePackError) {
    var left = try beginMap()
    while left > 0 {
      let key = try key()
      do throws(MessagePackError) {
        try body(key, &self)
      } catch {
        throw error.inside(.key(key.text))
      }
      left &-= 1
    }
    endContainer()
  }

  /// Reads an array: calls `body` for each element with its index. An error gets the index into
  /// its path.
  @inlinable
  @inline(__always)
  public mutating func array(
    _ body: (Int, inout MessagePackReader) throws(MessagePackError) -> Void
  ) throws(MessagePackError) {
    let count = try beginArray()
    var index = 0
    while index < count {
      do throws(MessagePackError) {
        try body(index, &self)
      } catch {
        throw error.inside(.index(index))
      }
      index &+= 1
    }
    endContainer()
  }

  // MARK: Passing over

  /// Passes over one value, whatever it is. Limits hold for it too; that its strings are valid
  /// UTF-8 is not checked.
  public mutating func skip() throws(MessagePackError) {
    try skip(1)
  }

  /// Passes over values. What is nested in them takes one call for each level, up to the limit.
  private mutating func skip(_ count: Int) throws(MessagePackError) {
    var left = count
    while left > 0 {
      left &-= 1
      let byte = try peek()
      switch byte {
      case 0x00...0x7f, 0xe0...0xff, 0xc0, 0xc2, 0xc3: advancePeeked()
      case 0xa0...0xbf, 0xd9...0xdb: try advance(by: try stringLength())
      case 0x80...0x8f, 0xde, 0xdf:
        try skip(try beginMap() &* 2)
        endContainer()
      case 0x90...0x9f, 0xdc, 0xdd:
        try skip(try beginArray())
        endContainer()
      case 0xc4...0xc6: try advance(by: try binaryLength())
      case 0xca, 0xce, 0xd2: try advance(by: 5)
      case 0xcb, 0xcf, 0xd3: try advance(by: 9)
      case 0xcc, 0xd0: try advance(by: 2)
      case 0xcd, 0xd1: try advance(by: 3)
      case 0xc7...0xc9, 0xd4...0xd8: try advance(by: try extHeader().count)
      default: throw MessagePackError(.reservedByte, offset: offset)
      }
    }
  }
}
