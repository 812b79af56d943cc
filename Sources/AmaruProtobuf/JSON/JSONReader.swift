// SPDX-License-Identifier: Apache-2.0

/// Reads the JSON form of messages (protobuf.dev, "ProtoJSON Format") from bytes that it borrows.
///
/// No input makes it trap, and memory is reserved only in proportion to the input. After an error
/// the position is unspecified, and nothing more should be read.
///
/// This file holds the unsafe half: each load from memory stands beside its check. What can be
/// built from these is in the other files of this folder.
@safe
public struct JSONReader: ~Escapable {
  // SAFETY: `start <= position <= end`, and the bytes between belong to the span that the reader
  // was made from. Its lifetime is the reader's (`@_lifetime`).
  private let start: UnsafeRawPointer
  private var position: UnsafeRawPointer
  private let end: UnsafeRawPointer

  /// How many more objects and lists may be opened.
  var depthLeft: Int
  let options: JSONDecodingOptions
  /// The file of the outermost message.
  private let file: ProtoFile?
  /// Whether the next message is the content of an `Any`, with a key `@type` among its fields.
  var isAnyContent = false
  /// Whether null, or an error, stands behind the last key or at the next element of a list.
  @usableFromInline var isNullNext = false
  /// Where the last key that is no field stands.
  var unknownKey: Mark

  /// Makes a reader of one message.
  ///
  /// - Parameter file: The file of the message, whose types are known when the options have no
  ///   pool.
  @_lifetime(copy bytes)
  public init(
    _ bytes: RawSpan, options: JSONDecodingOptions = JSONDecodingOptions(), file: ProtoFile? = nil
  ) {
    // SAFETY: the pointers stay valid as long as the span, whose lifetime is the reader's. An
    // empty span may have no address; then all point to the same place, which is never read.
    let buffer = unsafe bytes.withUnsafeBytes { buffer in unsafe buffer }
    unsafe start = buffer.baseAddress ?? UnsafeRawPointer(Reader.nowhere)
    unsafe position = start
    unsafe end = start + buffer.count
    // The outermost message counts too.
    depthLeft = options.depthLimit < Int.max ? options.depthLimit + 1 : Int.max
    unknownKey = Mark(offset: 0)
    self.options = options
    self.file = file
  }

  /// Makes a reader of one message.
  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, options: JSONDecodingOptions, file: ProtoFile?) {
    // SAFETY: a byte has no padding, which is what the raw view could show.
    self.init(unsafe bytes.bytes, options: options, file: file)
  }

  /// Knows messages and extensions by their names.
  var pool: DescriptorPool? { options.pool ?? (try? file?.pool()) }

  // MARK: Bytes

  /// How many bytes are left.
  @inline(__always) var remaining: Int { unsafe end - position }

  /// The byte at the position; zero, which stands nowhere in JSON, at the end.
  @inline(__always)
  var byte: UInt8 {
    // SAFETY: one byte is there.
    unsafe position < end ? position.load(as: UInt8.self) : 0
  }

  /// Passes over the byte that was just seen to be there.
  @inline(__always)
  mutating func advance() {
    if unsafe position < end { unsafe position += 1 }
  }

  /// Passes over white space (RFC 8259 2), and returns the byte after it as `byte` does.
  @inline(__always)
  mutating func token() -> UInt8 {
    while unsafe position < end {
      let byte = unsafe position.load(as: UInt8.self)
      if byte > 0x20 { return byte }
      guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
      unsafe position += 1
    }
    return 0
  }

  /// A place in the text, to come back to.
  @usableFromInline
  struct Mark {
    fileprivate let offset: Int
  }

  @usableFromInline var mark: Mark { unsafe Mark(offset: position - start) }

  /// Goes back to a place of this reader.
  @inline(__always)
  mutating func go(to mark: Mark) {
    // SAFETY: the mark came from this reader's position; a foreign one is kept inside.
    unsafe position = start + min(max(mark.offset, 0), end - start)
  }

  /// Passes over these bytes when they come next; otherwise returns false.
  @inline(__always)
  mutating func accept(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard remaining >= count else { return false }
    // SAFETY: as many bytes are there.
    guard unsafe NameTable.equal(position, UnsafeRawPointer(text.utf8Start), count) else {
      return false
    }
    unsafe position += count
    return true
  }

  /// Calls `body` with the bytes from a mark to the position.
  @inline(__always)
  func withBytes<Result>(since mark: Mark, _ body: (Span<UInt8>) -> Result) -> Result {
    // SAFETY: a mark is never behind the position that it is used with; checked all the same.
    let count = max(unsafe position - start - mark.offset, 0)
    return unsafe body(
      Span<UInt8>(
        _unsafeStart: (position - count).assumingMemoryBound(to: UInt8.self), count: count))
  }

  /// How many values a list of numbers or of enum values has: one more than there are commas before
  /// its closing bracket. Each byte is looked at for one list only.
  @inline(never)
  @usableFromInline
  func countNumbers() -> Int {
    var count = 1
    var ahead = unsafe position
    while unsafe ahead < end {
      // SAFETY: one byte is there.
      let byte = unsafe ahead.load(as: UInt8.self)
      if byte == UInt8(ascii: "]") { break }
      if byte == UInt8(ascii: ",") { count &+= 1 }
      unsafe ahead += 1
    }
    return count
  }

  // MARK: Strings

  /// A string as it stands between its quotes, in a reader's bytes.
  @safe
  struct RawString {
    // SAFETY: `count` bytes of the reader that made it; does not leave the function that reads it.
    fileprivate let start: UnsafeRawPointer
    let count: Int
    let isASCII: Bool
    let hasEscapes: Bool
  }

  /// Reads a string up to its closing quote without decoding it. The position is at its first
  /// quote.
  @inline(__always)
  mutating func rawString() throws(JSONDecodingError) -> RawString {
    guard token() == UInt8(ascii: "\"") else { throw expected("a string") }
    advance()
    let start = unsafe position
    var bits: UInt64 = 0
    var hasEscapes = false
    while true {
      var found: UInt8 = 0
      while unsafe end - position >= 8 {
        // SAFETY: eight bytes are there.
        let word = UInt64(littleEndian: unsafe position.loadUnaligned(as: UInt64.self))
        let special = Self.special(word)
        if special == 0 {
          bits |= word
          unsafe position += 8
          continue
        }
        // The lowest byte that is marked is special indeed.
        let shift = special.trailingZeroBitCount & ~7
        bits |= word & ~(UInt64.max << UInt64(truncatingIfNeeded: shift))
        unsafe position += shift >> 3
        found = UInt8(truncatingIfNeeded: word >> UInt64(truncatingIfNeeded: shift))
        break
      }
      while found == 0 {
        guard unsafe position < end else { throw error(.unexpectedEnd) }
        // SAFETY: one byte is there.
        let byte = unsafe position.load(as: UInt8.self)
        if byte < 0x20 { throw error(.controlCharacter) }
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
          found = byte
        } else {
          bits |= UInt64(byte)
          unsafe position += 1
        }
      }
      if found == UInt8(ascii: "\"") { break }
      guard found == UInt8(ascii: "\\") else { throw error(.controlCharacter) }
      // What follows is judged when the string is decoded; a quote there does not end it.
      hasEscapes = true
      guard remaining >= 2 else { throw error(.unexpectedEnd) }
      unsafe position += 1
      if unsafe position.load(as: UInt8.self) < 0x20 { throw error(.controlCharacter) }
      unsafe position += 1
    }
    let count = unsafe position - start
    unsafe position += 1
    return unsafe RawString(
      start: start, count: count, isASCII: bits & 0x8080_8080_8080_8080 == 0,
      hasEscapes: hasEscapes)
  }

  /// Marks the bytes of a word that are a quote, a backslash or a control character; bytes above
  /// a marked one may be marked in error.
  @inline(__always)
  static func special(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quote = word ^ (ones &* 0x22)
    let backslash = word ^ (ones &* 0x5c)
    let controls = (word &- ones &* 0x20) & ~word
    let quotes = (quote &- ones) & ~quote
    let backslashes = (backslash &- ones) & ~backslash
    return (controls | quotes | backslashes) & 0x8080_8080_8080_8080
  }

  /// Reads a string.
  @inline(never)
  @usableFromInline
  mutating func string() throws(JSONDecodingError) -> String {
    let raw = try rawString()
    if raw.hasEscapes { return String(decoding: try decoded(raw), as: UTF8.self) }
    if raw.count == 0 { return "" }
    // SAFETY: the string's bytes, used in this function.
    let bytes = unsafe Span<UInt8>(
      _unsafeStart: raw.start.assumingMemoryBound(to: UInt8.self), count: raw.count)
    if raw.isASCII {
      // SAFETY: ASCII is valid UTF-8.
      return String(copying: unsafe UTF8Span(unchecked: bytes, isKnownASCII: true))
    }
    do {
      return String(copying: try UTF8Span(validating: bytes))
    } catch {
      throw self.error(.invalidUTF8)
    }
  }

  /// Reads a string and calls `body` with its text, which is valid UTF-8.
  @inline(__always)
  mutating func withString<Result>(
    _ body: (Span<UInt8>) -> Result
  ) throws(JSONDecodingError) -> Result {
    let raw = try rawString()
    return try withText(raw, body)
  }

  /// Calls `body` with the text of a string, which is valid UTF-8.
  @inline(__always)
  func withText<Result>(
    _ raw: RawString, _ body: (Span<UInt8>) -> Result
  ) throws(JSONDecodingError) -> Result {
    if raw.hasEscapes || !raw.isASCII {
      let text = try decoded(raw)
      return body(text.span)
    }
    // SAFETY: the string's bytes, used during the call.
    return unsafe body(
      Span<UInt8>(_unsafeStart: raw.start.assumingMemoryBound(to: UInt8.self), count: raw.count))
  }

  /// The text of a string, with its escapes decoded.
  @inline(never)
  private func decoded(_ raw: RawString) throws(JSONDecodingError) -> [UInt8] {
    // SAFETY: the string's bytes, used in this function.
    let bytes = unsafe Span<UInt8>(
      _unsafeStart: raw.start.assumingMemoryBound(to: UInt8.self), count: raw.count)
    var text: [UInt8] = []
    if let wrong = JSONEscapes.decode(bytes, into: &text) {
      let offset = unsafe raw.start - start + wrong
      throw error(.invalidEscape, at: Mark(offset: offset))
    }
    guard (try? UTF8Span(validating: text.span)) != nil else { throw error(.invalidUTF8) }
    return text
  }

  // MARK: Keys

  /// Reads a key when it is the expected one. The position is behind its first quote.
  @inline(__always)
  private mutating func accept(_ entry: NameTable.Entry) -> Bool {
    guard entry.isPlain, remaining > entry.count,
      // SAFETY: more bytes than the name has are there.
      unsafe position.load(fromByteOffset: entry.count, as: UInt8.self) == UInt8(ascii: "\""),
      unsafe NameTable.equal(position, entry.name, entry.count)
    else { return false }
    unsafe position += entry.count &+ 1
    return true
  }

  /// Reads a key, whose first quote is at the position, and finds its place in the table; nil
  /// when it is not there.
  @inline(__always)
  mutating func key(_ fields: inout JSONFields) throws(JSONDecodingError) -> Int? {
    var place = fields.expected
    if place < fields.table.count {
      let entry = fields.table[place]
      let quote = unsafe position
      advance()
      if accept(entry) {
        if entry.isFollowedByAlias { place &+= 1 }
        return place
      }
      if entry.isFollowedByAlias, accept(fields.table[place &+ 1]) { return place &+ 1 }
      unsafe position = quote
    }
    let raw = try rawString()
    if raw.hasEscapes || !raw.isASCII {
      let text = try decoded(raw)
      return fields.table.place(of: text.span)
    }
    // SAFETY: the key's bytes.
    return unsafe fields.table.place(of: raw.start, raw.count)
  }

  // MARK: Errors

  /// An error of this kind at the position, or at an earlier one.
  @inline(never)
  func error(_ kind: JSONDecodingError.Kind, at mark: Mark? = nil) -> JSONDecodingError {
    let count = min(max(mark?.offset ?? (unsafe position - start), 0), unsafe end - start)
    // SAFETY: the count is that of bytes which are there.
    let consumed = unsafe Span<UInt8>(
      _unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: count)
    let place = JSONPlace(endOf: consumed)
    return JSONDecodingError(kind, line: place.line, column: place.column, path: place.path)
  }
}
