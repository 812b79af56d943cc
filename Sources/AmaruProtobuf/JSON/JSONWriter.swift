// SPDX-License-Identifier: Apache-2.0

/// Writes the JSON form of messages (protobuf.dev, "ProtoJSON Format"), without white space.
///
/// Each value is followed by a comma; closing an object or a list replaces the last one. The first
/// error is kept, and what is written after it is of no use.
///
/// This file and `JSONWriter+Strings.swift` hold the unsafe half; what can be built from it is in
/// the other files of this folder. The bytes go to scratch memory first, and move to the heap when that is full.
@safe
public struct JSONWriter: ~Copyable {
  // SAFETY: `base <= position <= end`, and the bytes between belong to the scratch memory or to
  // `heap`, which only this writer refers to and which does not change its size meanwhile.
  private var base: UnsafeMutableRawPointer
  var position: UnsafeMutableRawPointer
  private var end: UnsafeMutableRawPointer
  private var heap: [UInt8] = []

  let options: JSONEncodingOptions
  /// The file of the outermost message.
  private let file: ProtoFile?
  @usableFromInline var writesDefaults: Bool { options.writesDefaults }
  /// How many more messages may be nested.
  var depthLeft = Reader.defaultDepthLimit + 1
  /// What makes the output useless.
  private(set) var error: JSONEncodingError?
  /// The type URL that the next message begins with, as the content of an `Any`.
  var anyType: String?

  private init(
    scratch: UnsafeMutableRawBufferPointer, options: JSONEncodingOptions, file: ProtoFile?
  ) {
    unsafe base = scratch.baseAddress ?? Reader.nowhere
    unsafe position = base
    unsafe end = base + scratch.count
    self.options = options
    self.file = file
  }

  /// Knows messages and extensions by their names.
  var pool: DescriptorPool? { options.pool ?? (try? file?.pool()) }

  /// Calls `body` with a writer over 1 KiB of stack memory.
  @inline(__always)
  private static func withScratch<Result>(
    _ options: JSONEncodingOptions, _ file: ProtoFile?, _ body: (inout JSONWriter) -> Result
  ) -> Result {
    unsafe withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { scratch in
      // SAFETY: the writer ends before the scratch memory does; `body` cannot keep it, because it
      // cannot be copied and the place where it lives must hold a writer again.
      var writer = unsafe JSONWriter(scratch: scratch, options: options, file: file)
      return body(&writer)
    }
  }

  /// What `body` writes, as an array.
  static func bytes(
    _ options: JSONEncodingOptions, file: ProtoFile? = nil, _ body: (inout JSONWriter) -> Void
  ) throws(JSONEncodingError) -> [UInt8] {
    let (bytes, error) = withScratch(options, file) { writer in
      body(&writer)
      return (writer.error == nil ? writer.bytes() : [], writer.error)
    }
    if let error { throw error }
    return bytes
  }

  /// Calls `use` with what `body` writes; the bytes hold until it returns.
  static func withBytes(
    file: ProtoFile?, _ body: (inout JSONWriter) -> Void, _ use: (RawSpan) -> Void
  ) throws(JSONEncodingError) {
    let error = withScratch(JSONEncodingOptions(), file) {
      (writer: inout JSONWriter) -> JSONEncodingError? in
      body(&writer)
      guard writer.error == nil else { return writer.error }
      let count = max(unsafe writer.position - writer.base - 1, 0)
      // SAFETY: the written part, without the comma behind it; the writer is there until `use` returns.
      let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(writer.base), byteCount: count)
      use(span)
      return nil
    }
    if let error { throw error }
  }

  /// What `body` writes, as a string.
  static func string(
    _ options: JSONEncodingOptions, file: ProtoFile? = nil, _ body: (inout JSONWriter) -> Void
  ) throws(JSONEncodingError) -> String {
    let (text, error) = withScratch(options, file) { writer in
      body(&writer)
      return (writer.error == nil ? writer.string() : "", writer.error)
    }
    if let error { throw error }
    return text
  }

  /// Keeps the first error.
  mutating func fail(_ error: JSONEncodingError) {
    if self.error == nil { self.error = error }
  }

  // MARK: What was written

  /// The value that was written, without the comma behind it, as an array.
  @inline(never)
  private func bytes() -> [UInt8] {
    // SAFETY: the written part is copied.
    unsafe [UInt8](UnsafeRawBufferPointer(start: base, count: max(position - base - 1, 0)))
  }

  /// The value that was written, without the comma behind it, as a string.
  @inline(never)
  private func string() -> String {
    // SAFETY: the written part; all of it came from strings and ASCII, so it is valid UTF-8.
    let count = max(unsafe position - base - 1, 0)
    let span = unsafe Span<UInt8>(
      _unsafeStart: base.assumingMemoryBound(to: UInt8.self), count: count)
    return String(copying: unsafe UTF8Span(unchecked: span))
  }

  // MARK: Memory

  /// Makes sure that so many bytes are free.
  @inline(__always)
  mutating func reserve(_ count: Int) {
    if unsafe end - position < count { grow(by: count) }
  }

  /// Moves to heap memory at least twice the size.
  @inline(never)
  private mutating func grow(by needed: Int) {
    let count = unsafe position - base
    let capacity = max(unsafe (end - base) * 2, count + needed + 256)
    let larger = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialized in
      // SAFETY: the capacity is over 256, so there is an address; the written part fits. The
      // bytes behind it are not read before they are written.
      if let start = buffer.baseAddress {
        unsafe UnsafeMutableRawPointer(start).copyMemory(from: base, byteCount: count)
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
    unsafe position = base + count
  }

  /// Writes a byte, for which there must be room.
  @inline(__always)
  mutating func put(_ byte: UInt8) {
    // SAFETY: the caller has reserved the place.
    unsafe position.storeBytes(of: byte, as: UInt8.self)
    unsafe position += 1
  }

  /// Copies few bytes, for which there must be room.
  @inline(__always)
  mutating func put(_ text: UnsafeRawPointer, _ count: Int) {
    // SAFETY: the caller has reserved the place, and `count` bytes are at `text`. Two loads that
    // overlap are faster than a call for names.
    if count >= 8, count <= 16 {
      let low = unsafe text.loadUnaligned(as: UInt64.self)
      let high = unsafe text.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
      unsafe position.storeBytes(of: low, as: UInt64.self)
      unsafe position.storeBytes(of: high, toByteOffset: count &- 8, as: UInt64.self)
    } else if count >= 4, count < 8 {
      let low = unsafe text.loadUnaligned(as: UInt32.self)
      let high = unsafe text.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
      unsafe position.storeBytes(of: low, as: UInt32.self)
      unsafe position.storeBytes(of: high, toByteOffset: count &- 4, as: UInt32.self)
    } else {
      unsafe position.copyMemory(from: text, byteCount: count)
    }
    unsafe position += count
  }

  // MARK: Structure

  /// Writes a text as it is, with its comma when it has one.
  @inline(__always)
  mutating func literal(_ text: StaticString) {
    let count = text.utf8CodeUnitCount
    reserve(count)
    unsafe put(UnsafeRawPointer(text.utf8Start), count)
  }

  /// Writes a bracket that opens.
  mutating func open(_ bracket: UInt8) {
    reserve(1)
    put(bracket)
  }

  /// Writes a bracket that closes, in place of the comma before it, and a comma.
  mutating func close(_ bracket: UInt8) {
    reserve(2)
    // SAFETY: a bracket was written before.
    if unsafe position > base,
      unsafe (position - 1).load(as: UInt8.self) == UInt8(ascii: ",")
    {
      unsafe position -= 1
    }
    put(bracket)
    put(UInt8(ascii: ","))
  }

  /// Writes the key of a field. The names are escaped already where that is necessary.
  @inline(never)
  @usableFromInline
  mutating func key(_ name: StaticString, _ protoName: StaticString?) {
    var text = name
    if options.usesProtoNames, let protoName { text = protoName }
    let count = text.utf8CodeUnitCount
    reserve(count &+ 3)
    put(UInt8(ascii: "\""))
    unsafe put(UnsafeRawPointer(text.utf8Start), count)
    put(UInt8(ascii: "\""))
    put(UInt8(ascii: ":"))
  }

  /// Puts a colon in place of the comma behind a string, which makes it a key.
  @inline(never)
  @usableFromInline
  mutating func makeKey() {
    // SAFETY: a string and its comma were written before.
    if unsafe position > base { unsafe position -= 1 }
    reserve(1)
    put(UInt8(ascii: ":"))
  }

  // MARK: Numbers

  /// Writes an integer.
  @inline(never)
  @usableFromInline
  mutating func integer(_ value: Int64) {
    reserve(21)
    if value < 0 { put(UInt8(ascii: "-")) }
    digits(value.magnitude)
    put(UInt8(ascii: ","))
  }

  /// Writes an integer in quotes, as those of 64 bits are.
  @inline(never)
  @usableFromInline
  mutating func quotedInteger(_ value: Int64) {
    reserve(23)
    put(UInt8(ascii: "\""))
    if value < 0 { put(UInt8(ascii: "-")) }
    digits(value.magnitude)
    put(UInt8(ascii: "\""))
    put(UInt8(ascii: ","))
  }

  /// Writes an integer in quotes, as those of 64 bits are.
  @inline(never)
  @usableFromInline
  mutating func quotedInteger(_ value: UInt64) {
    reserve(23)
    put(UInt8(ascii: "\""))
    digits(value)
    put(UInt8(ascii: "\""))
    put(UInt8(ascii: ","))
  }

  /// Writes up to 20 digits, for which there must be room.
  @inline(__always)
  private mutating func digits(_ value: UInt64) {
    if value < 10 { return put(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value)) }
    var count = 1
    var rest = value
    while rest >= 10_000 {
      count &+= 4
      rest /= 10_000
    }
    count &+= rest >= 1_000 ? 3 : rest >= 100 ? 2 : rest >= 10 ? 1 : 0
    digits(value, count)
  }

  /// Writes the lowest digits of a number, with zeros in front; there must be room.
  @inline(__always)
  private mutating func digits(_ value: UInt64, _ count: Int) {
    var rest = value
    var offset = count
    while offset > 0 {
      offset &-= 1
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
      // SAFETY: the offset is less than the number of digits that are reserved.
      unsafe position.storeBytes(
        of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: remainder), toByteOffset: offset,
        as: UInt8.self)
      rest = quotient
    }
    unsafe position += count
  }

  /// Writes the lowest digits of a number, with zeros in front, and nothing behind them.
  mutating func paddedDigits(_ value: Int, _ count: Int) {
    reserve(count)
    digits(UInt64(value.magnitude), count)
  }

  /// Writes ASCII text as it is, such as the digits of a number.
  @inline(never)
  mutating func text(_ value: String) {
    var value = value
    value.withUTF8 { buffer in
      reserve(buffer.count)
      // SAFETY: as many bytes are reserved.
      if let start = buffer.baseAddress { unsafe put(start, buffer.count) }
    }
  }
}
