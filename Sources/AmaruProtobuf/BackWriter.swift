// SPDX-License-Identifier: Apache-2.0

/// Writes the protobuf binary format from the last byte to the first.
///
/// What is written later stands in front of what was written earlier. So a message's length is
/// known when it is needed, and an envelope's prefix can be put in front of the encoded message
/// without a copy. The bytes go to scratch memory of the caller first, and move to the heap when
/// that is full.
///
/// ```
///        scratch or heap
///   +-----------+-----------------+
///   |   free    |     written     |
///   +-----------+-----------------+
///   base        position          end
/// ```
///
/// This file holds the unsafe half; what can be built from it is in `BackWriter+Fields.swift`.
@safe
@frozen
public struct BackWriter: ~Copyable {
  // SAFETY: `base <= position <= end`, and the bytes between belong to the scratch memory or to
  // `heap`, which only this writer refers to and which does not change its size meanwhile.
  @usableFromInline var base: UnsafeMutableRawPointer
  @usableFromInline var position: UnsafeMutableRawPointer
  @usableFromInline var end: UnsafeMutableRawPointer
  @usableFromInline var heap: [UInt8] = []

  /// Whether map entries are written in the order of their keys; false by default.
  public var sortsMaps = false

  /// Makes a writer without scratch memory.
  @inlinable
  public init() {
    unsafe base = Reader.nowhere
    unsafe position = base
    unsafe end = base
  }

  /// Makes a writer over scratch memory, which must stay valid as long as the writer is used.
  @unsafe
  @inlinable
  public init(scratch: UnsafeMutableRawBufferPointer) {
    unsafe base = scratch.baseAddress ?? Reader.nowhere
    unsafe end = base + scratch.count
    unsafe position = end
  }

  /// Calls `body` with a writer over 1 KiB of stack memory.
  @inlinable
  @inline(__always)
  public static func withScratch<Result>(_ body: (inout BackWriter) -> Result) -> Result {
    unsafe withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { scratch in
      // SAFETY: the writer ends before the scratch memory does; `body` cannot keep it, because it
      // cannot be copied and the place where it lives must hold a writer again.
      var writer = unsafe BackWriter(scratch: scratch)
      return body(&writer)
    }
  }

  // MARK: What was written

  /// How many bytes were written.
  @inlinable
  public var count: Int {
    @inline(__always) get { unsafe end - position }
  }

  /// The bytes that were written.
  @inlinable
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      // SAFETY: the written part of memory that lives as long as the writer and changes only with
      // it.
      let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(position), byteCount: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Calls `body` with the bytes that were written. They must not be used after it returns.
  @inlinable
  @inline(__always)
  public borrowing func withWritten<Result>(
    _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    // SAFETY: the written part; valid during the call.
    unsafe body(UnsafeRawBufferPointer(start: position, count: count))
  }

  /// Takes the bytes that were written out as an array, and leaves the writer empty.
  @inline(never)
  public mutating func takeBytes() -> [UInt8] {
    let count = count
    if heap.isEmpty {
      // SAFETY: the written part is copied out of the scratch memory.
      let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: position, count: count))
      unsafe position = end
      return bytes
    }
    var bytes: [UInt8] = []
    swap(&bytes, &heap)
    let free = bytes.count - count
    if free > 0 {
      unsafe bytes.withUnsafeMutableBytes { buffer in
        // SAFETY: `free + count` is the size of the buffer, which therefore has an address.
        // `copyMemory` allows an overlap.
        guard let start = buffer.baseAddress else { return }
        unsafe start.copyMemory(from: start + free, byteCount: count)
      }
      bytes.removeLast(free)
    }
    unsafe base = Reader.nowhere
    unsafe position = base
    unsafe end = base
    return bytes
  }

  // MARK: Memory

  /// Makes sure that so many bytes are free in front.
  @inlinable
  @inline(__always)
  mutating func reserve(_ count: Int) {
    if unsafe position - base < count { grow(by: count) }
  }

  /// Moves to heap memory at least twice the size.
  @inline(never)
  @usableFromInline
  mutating func grow(by needed: Int) {
    let count = count
    let capacity = max(unsafe (end - base) * 2, count + needed + 256)
    let larger = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialized in
      // SAFETY: the capacity is over 256, so there is an address; the written part fits into the
      // end. The bytes before it are not read before they are written.
      if let start = buffer.baseAddress {
        unsafe UnsafeMutableRawPointer(start + (capacity - count))
          .copyMemory(from: position, byteCount: count)
      }
      initialized = capacity
    }
    // SAFETY: the array is not empty, so its elements are on the heap, where they stay as long as
    // `heap` holds the only reference and is not changed through itself.
    heap = larger
    unsafe base = heap.withUnsafeMutableBytes { buffer in
      unsafe buffer.baseAddress ?? Reader.nowhere
    }
    unsafe end = base + capacity
    unsafe position = end - count
  }

  /// The place for so many more bytes in front of the written ones.
  ///
  /// SAFETY: the caller has reserved them, and writes all of them.
  @inlinable
  @inline(__always)
  mutating func claim(_ count: Int) -> UnsafeMutableRawPointer {
    unsafe position -= count
    return unsafe position
  }

  // MARK: Payloads

  /// Puts a varint in front.
  @inlinable
  @inline(__always)
  public mutating func varint(_ value: UInt64) {
    reserve(10)
    reservedVarint(value)
  }

  /// Puts a varint in front; ten bytes must be reserved.
  @inlinable
  @inline(__always)
  mutating func reservedVarint(_ value: UInt64) {
    if value < 0x80 {
      // SAFETY: one byte is free.
      unsafe claim(1).storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
      return
    }
    // Nine bytes take 63 bits, ten take 64.
    let bits = 64 &- (value | 1).leadingZeroBitCount
    // SAFETY: ten bytes are free, and a varint has at most ten.
    var place = unsafe claim((bits &* 9 &+ 64) >> 6)
    var rest = value
    while rest >= 0x80 {
      unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
      rest >>= 7
      unsafe place += 1
    }
    unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
  }

  /// Puts one byte in front.
  @inlinable
  @inline(__always)
  public mutating func prepend(byte: UInt8) {
    reserve(1)
    // SAFETY: one byte is free.
    unsafe claim(1).storeBytes(of: byte, as: UInt8.self)
  }

  /// Puts four bytes in front, the most significant first.
  @inlinable
  public mutating func prepend(bigEndian value: UInt32) {
    reserve(4)
    // SAFETY: four bytes are free.
    unsafe claim(4).storeBytes(of: value.bigEndian, as: UInt32.self)
  }

  /// Puts bytes in front.
  @inlinable
  public mutating func prepend(contentsOf bytes: RawSpan) {
    let count = bytes.byteCount
    reserve(count)
    let place = unsafe claim(count)
    unsafe bytes.withUnsafeBytes { buffer in
      // SAFETY: `count` bytes were reserved.
      if let start = buffer.baseAddress {
        unsafe place.copyMemory(from: start, byteCount: count)
      }
    }
  }

  /// Puts bytes in front.
  @inlinable
  public mutating func prepend(contentsOf bytes: [UInt8]) {
    // SAFETY: a byte has no padding, which is what the raw view could show.
    prepend(contentsOf: unsafe bytes.span.bytes)
  }

  /// Puts four bytes in front, little-endian.
  @inlinable
  @inline(__always)
  public mutating func fixed32(_ value: UInt32) {
    reserve(4)
    // SAFETY: four bytes are free.
    unsafe claim(4).storeBytes(of: value.littleEndian, as: UInt32.self)
  }

  /// Puts eight bytes in front, little-endian.
  @inlinable
  @inline(__always)
  public mutating func fixed64(_ value: UInt64) {
    reserve(8)
    // SAFETY: eight bytes are free.
    unsafe claim(8).storeBytes(of: value.littleEndian, as: UInt64.self)
  }

  /// Puts a string's length and its UTF-8 in front.
  @inline(never)
  public mutating func string(_ value: String) {
    let count = value.utf8.count
    reserve(count &+ 10)
    let place = unsafe claim(count)
    let copied: Void? = unsafe value.utf8.withContiguousStorageIfAvailable { buffer in
      // SAFETY: `count` bytes were reserved.
      if let start = buffer.baseAddress {
        unsafe place.copyMemory(from: UnsafeRawPointer(start), byteCount: count)
      }
    }
    if copied == nil { unsafe Self.copy(value, to: place, count: count) }
    reservedVarint(UInt64(truncatingIfNeeded: count))
  }

  /// Copies a string that is not stored as UTF-8.
  ///
  /// SAFETY: `count` bytes must be reserved, and are written.
  @inline(never)
  private static func copy(_ value: String, to place: UnsafeMutableRawPointer, count: Int) {
    for (offset, byte) in value.utf8.enumerated() where offset < count {
      unsafe place.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }
  }

  /// Puts the length of bytes and the bytes in front.
  @inline(never)
  public mutating func bytes(_ value: [UInt8]) {
    reserve(value.count &+ 15)
    prepend(contentsOf: value)
    reservedVarint(UInt64(truncatingIfNeeded: value.count))
  }
}
