// SPDX-License-Identifier: Apache-2.0

/// Reads the protobuf binary format from bytes that it borrows.
///
/// No input makes it trap: every length is checked against the bytes that are there, and memory
/// for a value is reserved only in proportion to them. After an error the position is
/// unspecified, and nothing more should be read.
///
/// This file holds the unsafe half: each load from memory stands beside its check. What can be
/// built from these is in `Reader+Fields.swift`.
@safe
@frozen
public struct Reader: ~Escapable {
  /// How many messages may be nested in each other: 100, as in the other implementations.
  public static var defaultDepthLimit: Int { @inlinable get { 100 } }

  // SAFETY: `position <= end`, and the bytes between them belong to the span that the reader was
  // made from. Its lifetime is the reader's (`@_lifetime`).
  @usableFromInline var position: UnsafeRawPointer
  @usableFromInline var end: UnsafeRawPointer
  @usableFromInline var depthLeft: Int

  /// The end tag of the group that is being read, or zero outside of one and after its end.
  var groupEnd: UInt32 = 0
  /// What ``depthLeft`` is inside of the group, so that no message in it can end it.
  private var groupDepth = 0
  /// How many bytes follow the end of the group that was read last.
  private var afterGroup = 0

  /// Makes a reader of a whole message.
  ///
  /// - Parameter depthLimit: How many messages and groups may be nested in the message.
  @inlinable
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan, depthLimit: Int = Reader.defaultDepthLimit) {
    // SAFETY: the pointers stay valid as long as the span, whose lifetime is the reader's. An
    // empty span may have no address; then both point to the same place, which is never read.
    let buffer = unsafe bytes.withUnsafeBytes { buffer in unsafe buffer }
    unsafe position = buffer.baseAddress ?? UnsafeRawPointer(Reader.nowhere)
    unsafe end = position + buffer.count
    depthLeft = depthLimit
  }

  /// Makes a reader of a whole message.
  ///
  /// - Parameter depthLimit: How many messages and groups may be nested in the message.
  @inlinable
  @_lifetime(copy bytes)
  public init(_ bytes: Span<UInt8>, depthLimit: Int = Reader.defaultDepthLimit) {
    // SAFETY: a byte has no padding, which is what the raw view could show.
    self.init(unsafe bytes.bytes, depthLimit: depthLimit)
  }

  /// An address that is not null and never read.
  @inlinable
  static var nowhere: UnsafeMutableRawPointer {
    // SAFETY: one is not zero.
    unsafe UnsafeMutableRawPointer(bitPattern: 1).unsafelyUnwrapped
  }

  /// How many bytes of the current message are left.
  @inlinable
  public var remaining: Int {
    @inline(__always) get { unsafe end - position }
  }

  // MARK: Tags and varints

  /// Reads the next tag (field number and wire type), or nil at the end of the message.
  @inlinable
  @inline(__always)
  public mutating func nextTag() throws(DecodingError) -> UInt32? {
    guard unsafe position < end else { return nil }
    // SAFETY: one byte is there.
    let byte = unsafe position.load(as: UInt8.self)
    if byte < 0x80 {
      unsafe position += 1
      return UInt32(byte)
    }
    return try longTag()
  }

  /// Reads a tag of more than one byte. One over five bytes or 32 bits is an error.
  @inline(never)
  @usableFromInline
  mutating func longTag() throws(DecodingError) -> UInt32 {
    let before = remaining
    let value = try longVarint()
    guard value <= UInt32.max, before - remaining <= 5 else { throw .invalidTag }
    return UInt32(truncatingIfNeeded: value)
  }

  /// Reads a varint of up to ten bytes.
  @inlinable
  @inline(__always)
  public mutating func varint() throws(DecodingError) -> UInt64 {
    guard unsafe position < end else { throw .truncated }
    // SAFETY: one byte is there.
    let byte = unsafe position.load(as: UInt8.self)
    if byte < 0x80 {
      unsafe position += 1
      return UInt64(byte)
    }
    return try longVarint()
  }

  @inline(never)
  @usableFromInline
  mutating func longVarint() throws(DecodingError) -> UInt64 {
    guard remaining >= 10 else { return try shortVarint() }
    // SAFETY: ten bytes are there.
    let word = UInt64(littleEndian: unsafe position.loadUnaligned(as: UInt64.self))
    let stops = ~word & 0x8080_8080_8080_8080
    if stops != 0 {
      let bits = stops.trailingZeroBitCount + 1
      unsafe position += bits >> 3
      return Self.compacted(word & (UInt64.max >> UInt64(64 - bits)))
    }
    let eight = Self.compacted(word)
    let ninth = unsafe position.load(fromByteOffset: 8, as: UInt8.self)
    if ninth < 0x80 {
      unsafe position += 9
      return eight | UInt64(ninth) << 56
    }
    let tenth = unsafe position.load(fromByteOffset: 9, as: UInt8.self)
    guard tenth <= 1 else { throw .malformedVarint }
    unsafe position += 10
    return eight | UInt64(ninth & 0x7f) << 56 | UInt64(tenth) << 63
  }

  /// Joins the low seven bits of each of eight bytes.
  @inline(__always)
  private static func compacted(_ word: UInt64) -> UInt64 {
    var x = word
    x = (x & 0x007f_007f_007f_007f) | ((x & 0x7f00_7f00_7f00_7f00) >> 1)
    x = (x & 0x0000_3fff_0000_3fff) | ((x & 0x3fff_0000_3fff_0000) >> 2)
    return (x & 0x0000_0000_0fff_ffff) | ((x & 0x0fff_ffff_0000_0000) >> 4)
  }

  /// Reads a varint byte by byte, near the end of the message.
  @inline(__always)
  private mutating func shortVarint() throws(DecodingError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while unsafe position < end {
      // SAFETY: one byte is there.
      let byte = unsafe position.load(as: UInt8.self)
      unsafe position += 1
      // Fewer than ten bytes are there, so the shift stays below 63.
      value |= UInt64(byte & 0x7f) &<< shift
      if byte < 0x80 { return value }
      shift &+= 7
    }
    throw .truncated
  }

  // MARK: Fixed-size and length-delimited values

  /// Reads four bytes, little-endian.
  @inlinable
  @inline(__always)
  public mutating func fixed32() throws(DecodingError) -> UInt32 {
    guard remaining >= 4 else { throw .truncated }
    // SAFETY: four bytes are there.
    let value = unsafe position.loadUnaligned(as: UInt32.self)
    unsafe position += 4
    return UInt32(littleEndian: value)
  }

  /// Reads eight bytes, little-endian.
  @inlinable
  @inline(__always)
  public mutating func fixed64() throws(DecodingError) -> UInt64 {
    guard remaining >= 8 else { throw .truncated }
    // SAFETY: eight bytes are there.
    let value = unsafe position.loadUnaligned(as: UInt64.self)
    unsafe position += 8
    return UInt64(littleEndian: value)
  }

  /// Reads a length, and checks that as many bytes are there.
  @inlinable
  @inline(__always)
  public mutating func length() throws(DecodingError) -> Int {
    let length = try varint()
    guard length <= UInt64(truncatingIfNeeded: remaining) else { throw .truncated }
    return Int(truncatingIfNeeded: length)
  }

  /// Reads a `string` field's value: a length and as many bytes of valid UTF-8.
  @inline(never)
  public mutating func string() throws(DecodingError) -> String {
    let count = try length()
    if count == 0 { return "" }
    // SAFETY: `length` has checked that the bytes are there; the buffer is used in this function.
    let start = unsafe position
    unsafe position += count
    let bytes = unsafe Span<UInt8>(
      _unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: count)
    if count <= 64, unsafe Self.isASCII(start, count) {
      // SAFETY: ASCII is valid UTF-8.
      return String(copying: unsafe UTF8Span(unchecked: bytes, isKnownASCII: true))
    }
    do {
      return String(copying: try UTF8Span(validating: bytes))
    } catch {
      throw .invalidUTF8
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

  /// Reads a `bytes` field's value.
  @inline(never)
  public mutating func bytes() throws(DecodingError) -> [UInt8] {
    let count = try length()
    // SAFETY: `length` has checked that the bytes are there; they are copied.
    let buffer = unsafe UnsafeRawBufferPointer(start: position, count: count)
    unsafe position += count
    return unsafe [UInt8](buffer)
  }

  /// Takes all bytes that are left, as they are.
  package mutating func rest() -> [UInt8] {
    // SAFETY: the bytes up to the end are there; they are copied.
    let buffer = unsafe UnsafeRawBufferPointer(start: position, count: remaining)
    unsafe position = end
    return unsafe [UInt8](buffer)
  }

  /// Passes over bytes.
  @inlinable
  @inline(__always)
  mutating func advance(by count: Int) throws(DecodingError) {
    guard count <= remaining else { throw .truncated }
    // SAFETY: as many bytes are there.
    unsafe position += count
  }

  // MARK: Nested messages

  /// Reads a length and narrows the reader to as many bytes. Returns what ``leave(_:)`` needs.
  @inlinable
  @inline(__always)
  mutating func enter() throws(DecodingError) -> Int {
    let count = try length()
    // SAFETY: the new end is between the position and the old end.
    let inner = unsafe position + count
    let outside = unsafe end - inner
    unsafe end = inner
    return outside
  }

  /// Widens the reader to the message around the current one, whose end has been reached.
  @inlinable
  @inline(__always)
  mutating func leave(_ outside: Int) {
    // SAFETY: undoes what `enter` did.
    unsafe end += outside
  }

  /// Reads a group up to its end tag with the message's own `merge`, which sees the end as the end
  /// of the bytes (``endGroup(_:)``).
  @inline(never)
  public mutating func group<M: Message>(
    _ message: inout M, _ tag: UInt32
  ) throws(DecodingError) {
    guard depthLeft > 0 else { throw .depthLimitExceeded }
    let (outerEnd, outerDepth) = (groupEnd, groupDepth)
    depthLeft &-= 1
    // The end has the wire type after the start's.
    groupEnd = tag &+ 1
    groupDepth = depthLeft
    try message.merge(from: &self)
    guard groupEnd == 0 else { throw .unbalancedGroup }
    // SAFETY: undoes what `endGroup` did.
    unsafe end = position + afterGroup
    (groupEnd, groupDepth) = (outerEnd, outerDepth)
    depthLeft &+= 1
  }

  /// Ends the innermost group at its end tag: narrows the reader, so that nothing is left.
  mutating func endGroup(_ tag: UInt32) throws(DecodingError) {
    guard tag == groupEnd, depthLeft == groupDepth else { throw .unbalancedGroup }
    groupEnd = 0
    afterGroup = remaining
    // SAFETY: the position is not after the end.
    unsafe end = position
  }

  /// Copies the bytes between an earlier state of the reader and the current position.
  ///
  /// - Parameter remaining: What ``remaining`` was at the earlier state.
  func append(since remaining: Int, to bytes: inout [UInt8]) {
    let count = remaining - self.remaining
    // SAFETY: the position has gone forward by `count` bytes of the reader's own span.
    unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: position - count, count: count))
  }

  // MARK: Looking ahead

  /// How many elements of a length-delimited field follow each other, the one whose length comes
  /// next included. Each of them is there in full, so an array for them is not larger in elements
  /// than the input in bytes.
  @inline(never)
  @usableFromInline
  func countRun(of tag: UInt32) -> Int {
    var ahead = self
    var count = 0
    do throws(DecodingError) {
      repeat {
        try ahead.advance(by: ahead.length())
        count += 1
      } while try ahead.nextTag() == tag
    } catch {
      // The element that is broken is reported when it is read.
    }
    return count
  }

  /// How many varints end in the bytes that are left.
  @inlinable
  @inline(__always)
  func countVarints() -> Int {
    var count = 0
    for offset in 0..<remaining {
      // SAFETY: the offset is less than the number of bytes left.
      count &+= Int((unsafe position.load(fromByteOffset: offset, as: UInt8.self) >> 7) ^ 1)
    }
    return count
  }
}
