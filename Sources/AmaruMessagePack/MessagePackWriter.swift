// SPDX-License-Identifier: Apache-2.0

/// Writes MessagePack, each value in its shortest format.
///
/// The bytes go to memory of the caller first, when there is some, and move to the heap when that
/// is full. Nothing is checked about the order of values: an array's header has to be followed by
/// as many values, a map's by twice as many.
///
/// This file holds the unsafe half; what is built from it is in `MessagePackWriter+Values.swift`.
@safe
@frozen
public struct MessagePackWriter: ~Copyable {
  // SAFETY: `base <= position <= end`, and the bytes between belong to the caller's memory or to
  // `heap`, which only this writer refers to and which does not change its size meanwhile.
  @usableFromInline var base: UnsafeMutableRawPointer
  @usableFromInline var position: UnsafeMutableRawPointer
  @usableFromInline var end: UnsafeMutableRawPointer
  @usableFromInline var heap: [UInt8] = []

  /// Whether something was longer than the format can say (2^32 - 1 bytes, elements or entries, or
  /// fewer than none). Nil was written in its place.
  public internal(set) var hasOverflowed = false

  /// Makes a writer without memory of the caller.
  @inlinable
  public init() {
    unsafe base = MessagePackReader.nowhere
    unsafe position = base
    unsafe end = base
  }

  /// Makes a writer over memory of the caller, which must stay valid as long as the writer is used.
  ///
  /// When ``isInScratch`` is true at the end, the bytes stand at its beginning.
  @unsafe
  @inlinable
  public init(scratch: UnsafeMutableRawBufferPointer) {
    unsafe base = scratch.baseAddress ?? MessagePackReader.nowhere
    unsafe position = base
    unsafe end = base + scratch.count
  }

  /// Calls `body` with a writer over 1 KiB of stack memory.
  @inlinable
  @inline(__always)
  public static func withScratch<Result, Failure: Error>(
    _ body: (inout MessagePackWriter) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe withUnsafeTemporaryAllocation(
      byteCount: 1024, alignment: 16
    ) { scratch throws(Failure) in
      // SAFETY: the writer ends before the scratch memory does; `body` cannot keep it, because it
      // cannot be copied and the place where it lives must hold a writer again.
      var writer = unsafe MessagePackWriter(scratch: scratch)
      return try body(&writer)
    }
  }

  // MARK: What was written

  /// How many bytes were written.
  @inlinable
  public var count: Int {
    @inline(__always) get { unsafe position - base }
  }

  /// Whether what was written is still in the memory that the caller gave.
  @inlinable
  public var isInScratch: Bool { heap.isEmpty }

  /// The bytes that were written.
  @inlinable
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      // SAFETY: the written part of memory that lives as long as the writer and changes only with
      // it.
      let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(base), byteCount: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Takes the bytes that were written out as an array, and leaves the writer empty.
  @inline(never)
  public mutating func takeBytes() -> [UInt8] {
    let count = count
    if heap.isEmpty {
      // SAFETY: the written part is copied out of the caller's memory.
      let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: base, count: count))
      unsafe position = base
      return bytes
    }
    var bytes: [UInt8] = []
    swap(&bytes, &heap)
    bytes.removeLast(bytes.count - count)
    unsafe base = MessagePackReader.nowhere
    unsafe position = base
    unsafe end = base
    return bytes
  }

  /// Forgets what was written, and keeps the memory.
  public mutating func removeAll() {
    unsafe position = base
    hasOverflowed = false
  }

  // MARK: Memory

  /// Makes sure that so many bytes are free.
  @inlinable
  @inline(__always)
  mutating func reserve(_ count: Int) {
    if unsafe end - position < count { grow(by: count) }
  }

  /// Moves to heap memory at least twice the size.
  @inline(never)
  @usableFromInline
  mutating func grow(by needed: Int) {
    let count = count
    let capacity = max(unsafe (end - base) * 2, count + needed + 256)
    let larger = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialized in
      // SAFETY: the capacity is over 256, so there is an address; the written part fits. The bytes
      // after it are not read before they are written.
      if let start = buffer.baseAddress {
        unsafe UnsafeMutableRawPointer(start).copyMemory(from: base, byteCount: count)
      }
      initialized = capacity
    }
    // SAFETY: the array is not empty, so its elements are on the heap, where they stay as long as
    // `heap` holds the only reference and is not changed through itself.
    heap = larger
    unsafe base = heap.withUnsafeMutableBytes { buffer in
      unsafe buffer.baseAddress ?? MessagePackReader.nowhere
    }
    unsafe end = base + capacity
    unsafe position = base + count
  }

  /// Stores one byte; it must be reserved.
  @inlinable
  @inline(__always)
  mutating func store(_ byte: UInt8) {
    // SAFETY: the caller has reserved it.
    unsafe position.storeBytes(of: byte, as: UInt8.self)
    unsafe position += 1
  }

  /// Stores a number's bytes, the most significant first; they must be reserved.
  @inlinable
  @inline(__always)
  mutating func store<Number: FixedWidthInteger & BitwiseCopyable>(bigEndian value: Number) {
    // SAFETY: the caller has reserved them.
    unsafe position.storeBytes(of: value.bigEndian, as: Number.self)
    unsafe position += MemoryLayout<Number>.size
  }

  /// Stores bytes.
  @inlinable
  mutating func append(_ bytes: RawSpan) {
    let count = bytes.byteCount
    reserve(count)
    unsafe bytes.withUnsafeBytes { buffer in
      // SAFETY: `count` bytes were reserved.
      if let start = buffer.baseAddress {
        unsafe position.copyMemory(from: start, byteCount: count)
      }
    }
    unsafe position += count
  }

  /// Writes a string that the program has as a literal: a map's key.
  @inlinable
  @inline(__always)
  public mutating func key(_ text: StaticString) {
    let count = text.utf8CodeUnitCount
    guard text.hasPointerRepresentation, count < 32 else { return string("\(text)") }
    reserve(count &+ 1)
    store(UInt8(truncatingIfNeeded: 0xa0 | count))
    // SAFETY: `count` bytes were reserved.
    unsafe position.copyMemory(from: UnsafeRawPointer(text.utf8Start), byteCount: count)
    unsafe position += count
  }

  /// Writes a string.
  @inline(never)
  public mutating func string(_ value: String) {
    let count = value.utf8.count
    guard stringHeader(count) else { return }
    reserve(count)
    let copied: Void? = unsafe value.utf8.withContiguousStorageIfAvailable { buffer in
      // SAFETY: `count` bytes were reserved.
      if let start = buffer.baseAddress {
        unsafe position.copyMemory(from: UnsafeRawPointer(start), byteCount: count)
      }
    }
    if copied == nil {
      for (offset, byte) in value.utf8.enumerated() where offset < count {
        // SAFETY: `count` bytes were reserved.
        unsafe position.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
      }
    }
    unsafe position += count
  }

  /// Writes binary.
  @inlinable
  public mutating func binary(_ bytes: [UInt8]) {
    // SAFETY: a byte has no padding, which is what the raw view could show.
    binary(unsafe bytes.span.bytes)
  }

  /// Writes an extension, as the other `ext` does.
  public mutating func ext(type: Int8, _ bytes: [UInt8]) {
    // SAFETY: a byte has no padding, which is what the raw view could show.
    ext(type: type, unsafe bytes.span.bytes)
  }

  // MARK: Containers of unknown size

  /// Stores the header of an array or a map that has `count` elements, over the one byte that was
  /// left for it; what follows makes room for a longer one.
  ///
  /// - Returns: How many bytes what follows has moved by.
  mutating func closeContainer(at offset: Int, _ count: Int, isMap: Bool) -> Int {
    let after = offset + 1
    guard offset >= 0, after <= self.count else { return 0 }
    guard Self.isWritable(count) else {
      // SAFETY: `offset` is within what was written.
      unsafe position = base + offset
      overflow()
      return 0
    }
    let shift = count < 16 ? 0 : count <= 0xffff ? 2 : 4
    if shift > 0 {
      reserve(shift)
      // SAFETY: `shift` bytes are free behind the written ones; `copyMemory` allows an overlap.
      let place = unsafe base + after
      unsafe (place + shift).copyMemory(from: place, byteCount: self.count - after)
    }
    // SAFETY: the header's bytes lie before what follows it, which has been moved.
    let written = unsafe position + shift
    unsafe position = base + offset
    if isMap { mapHeader(count) } else { arrayHeader(count) }
    unsafe position = written
    return shift
  }
}
