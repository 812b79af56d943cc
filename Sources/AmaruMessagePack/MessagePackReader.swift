// SPDX-License-Identifier: Apache-2.0

/// Reads MessagePack from bytes that it borrows.
///
/// No input makes it trap: every length is checked against the bytes that are there, and memory
/// is taken only in proportion to them. After an error the position is unspecified, and nothing
/// more should be read. A reader may read several values, one after another.
///
/// This file holds the unsafe half: each load from memory stands beside its check. What is built
/// from these is in the `MessagePackReader+` files.
@safe
@frozen
public struct MessagePackReader: ~Escapable {
  // SAFETY: `start <= position <= end`, and the bytes between them belong to the span that the
  // reader was made from. Its lifetime is the reader's (`@_lifetime`).
  @usableFromInline let start: UnsafeRawPointer
  @usableFromInline var position: UnsafeRawPointer
  @usableFromInline let end: UnsafeRawPointer
  @usableFromInline var depthLeft: Int

  /// What the reader refuses.
  public let limits: MessagePackLimits

  /// Makes a reader of bytes.
  @inlinable
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan, limits: MessagePackLimits = MessagePackLimits()) {
    // SAFETY: the pointers stay valid as long as the span, whose lifetime is the reader's. An
    // empty span may have no address; then all point to the same place, which is never read.
    let buffer = unsafe bytes.withUnsafeBytes { buffer in unsafe buffer }
    unsafe start = buffer.baseAddress ?? UnsafeRawPointer(MessagePackReader.nowhere)
    unsafe position = start
    unsafe end = start + buffer.count
    depthLeft = limits.effectiveDepth
    self.limits = limits
  }

  /// Makes a reader of bytes.
  @inlinable
  @_lifetime(copy bytes)
  public init(_ bytes: Span<UInt8>, limits: MessagePackLimits = MessagePackLimits()) {
    // SAFETY: a byte has no padding, which is what the raw view could show.
    self.init(unsafe bytes.bytes, limits: limits)
  }

  /// An address that is not null and never read.
  @inlinable
  static var nowhere: UnsafeMutableRawPointer {
    // SAFETY: one is not zero.
    unsafe UnsafeMutableRawPointer(bitPattern: 1).unsafelyUnwrapped
  }

  /// How many bytes were read.
  @inlinable
  public var offset: Int {
    @inline(__always) get { unsafe position - start }
  }

  /// How many bytes are left.
  @inlinable
  public var remaining: Int {
    @inline(__always) get { unsafe end - position }
  }

  /// Goes to a place in the bytes, and sets how many arrays and maps are open there.
  ///
  /// An offset outside of the bytes goes to their end.
  mutating func move(to offset: Int, depth: Int) {
    let count = unsafe end - start
    // SAFETY: the offset is within the bytes.
    unsafe position = start + (offset < 0 || offset > count ? count : offset)
    depthLeft = limits.effectiveDepth - depth
  }

  // MARK: Loads

  /// The next byte, which stays.
  @inlinable
  @inline(__always)
  func peek() throws(MessagePackError) -> UInt8 {
    guard unsafe position < end else { throw Self.truncated(1 - remaining, offset) }
    // SAFETY: one byte is there.
    return unsafe position.load(as: UInt8.self)
  }

  /// Passes over the byte that ``peek()`` has shown.
  @inlinable
  @inline(__always)
  mutating func advancePeeked() {
    // SAFETY: `peek` has checked that one byte is there; if it was not called, this does nothing
    // at the end.
    if unsafe position < end { unsafe position += 1 }
  }

  /// Passes over bytes.
  @inlinable
  @inline(__always)
  mutating func advance(by count: Int) throws(MessagePackError) {
    guard count >= 0, count <= remaining else { throw Self.truncated(count - remaining, offset) }
    // SAFETY: as many bytes are there.
    unsafe position += count
  }

  /// Reads one byte.
  @inlinable
  @inline(__always)
  mutating func load8() throws(MessagePackError) -> UInt8 {
    guard unsafe position < end else { throw Self.truncated(1 - remaining, offset) }
    // SAFETY: one byte is there.
    let value = unsafe position.load(as: UInt8.self)
    unsafe position += 1
    return value
  }

  /// Reads two bytes, the most significant first.
  @inlinable
  @inline(__always)
  mutating func load16() throws(MessagePackError) -> UInt16 {
    guard remaining >= 2 else { throw Self.truncated(2 - remaining, offset) }
    // SAFETY: two bytes are there.
    let value = unsafe position.loadUnaligned(as: UInt16.self)
    unsafe position += 2
    return UInt16(bigEndian: value)
  }

  /// Reads four bytes, the most significant first.
  @inlinable
  @inline(__always)
  mutating func load32() throws(MessagePackError) -> UInt32 {
    guard remaining >= 4 else { throw Self.truncated(4 - remaining, offset) }
    // SAFETY: four bytes are there.
    let value = unsafe position.loadUnaligned(as: UInt32.self)
    unsafe position += 4
    return UInt32(bigEndian: value)
  }

  /// Reads eight bytes, the most significant first.
  @inlinable
  @inline(__always)
  mutating func load64() throws(MessagePackError) -> UInt64 {
    guard remaining >= 8 else { throw Self.truncated(8 - remaining, offset) }
    // SAFETY: eight bytes are there.
    let value = unsafe position.loadUnaligned(as: UInt64.self)
    unsafe position += 8
    return UInt64(bigEndian: value)
  }

  /// Lends bytes where they lie, and passes over them.
  @inlinable
  @_lifetime(copy self)
  mutating func lend(_ count: Int) throws(MessagePackError) -> RawSpan {
    guard count >= 0, count <= remaining else { throw Self.truncated(count - remaining, offset) }
    // SAFETY: as many bytes are there, in memory that lives as long as what the reader borrows.
    let span = unsafe RawSpan(_unsafeStart: position, byteCount: count)
    unsafe position += count
    return unsafe _overrideLifetime(span, copying: self)
  }

  /// Reads a number that fills nine bytes after a first one of 0xcb, or nothing when they are not
  /// there: the next element of an array of them.
  @inlinable
  @inline(__always)
  mutating func double64() -> Double? {
    guard remaining >= 9 else { return nil }
    // SAFETY: nine bytes are there.
    guard unsafe position.load(as: UInt8.self) == 0xcb else { return nil }
    let bits = unsafe position.loadUnaligned(fromByteOffset: 1, as: UInt64.self)
    unsafe position += 9
    return Double(bitPattern: UInt64(bigEndian: bits))
  }

  /// Whether the next value is the string with this text, which is then passed over.
  ///
  /// For maps whose keys come in a known order: `if reader.takeKey("a") { ... }`. A text of more
  /// than 31 bytes is never found.
  @inlinable
  @inline(__always)
  public mutating func takeKey(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard text.hasPointerRepresentation, count < 32, remaining > count else { return false }
    // SAFETY: `count + 1` bytes are there, and the text has `count`.
    guard unsafe position.load(as: UInt8.self) == UInt8(truncatingIfNeeded: 0xa0 | count),
      unsafe MessagePackKey.isEqual(position + 1, UnsafeRawPointer(text.utf8Start), count)
    else { return false }
    unsafe position += count + 1
    return true
  }

  /// Copies lent bytes.
  static func copy(_ bytes: RawSpan) -> [UInt8] {
    // SAFETY: the bytes are copied while they are lent.
    unsafe bytes.withUnsafeBytes { buffer in unsafe [UInt8](buffer) }
  }

  // MARK: Texts

  /// Reads so many bytes as a text.
  @inline(never)
  @usableFromInline
  mutating func text(_ count: Int) throws(MessagePackError) -> String {
    guard count >= 0, count <= remaining else { throw Self.truncated(count - remaining, offset) }
    if count == 0 { return "" }
    let begin = unsafe position
    // SAFETY: as many bytes are there; they are copied in this function.
    unsafe position += count
    let bytes = unsafe Span<UInt8>(
      _unsafeStart: begin.assumingMemoryBound(to: UInt8.self), count: count)
    if count <= 64, unsafe Self.isASCII(begin, count) {
      // SAFETY: ASCII is valid UTF-8.
      return String(copying: unsafe UTF8Span(unchecked: bytes, isKnownASCII: true))
    }
    do {
      return String(copying: try UTF8Span(validating: bytes))
    } catch {
      throw MessagePackError(.invalidUTF8, offset: offset - count)
    }
  }

  /// Whether no byte has its high bit set.
  ///
  /// SAFETY: `count` bytes, at least one, must be there.
  @inline(__always)
  private static func isASCII(_ start: UnsafeRawPointer, _ count: Int) -> Bool {
    var bits: UInt64 = 0
    if count >= 8 {
      var offset = 0
      while offset &+ 8 <= count {
        bits |= unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        offset &+= 8
      }
      bits |= unsafe start.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    } else if count >= 4 {
      bits = UInt64(
        unsafe start.loadUnaligned(as: UInt32.self)
          | start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
    } else {
      for offset in 0..<count {
        bits |= UInt64(unsafe start.load(fromByteOffset: offset, as: UInt8.self))
      }
    }
    return bits & 0x8080_8080_8080_8080 == 0
  }
}
