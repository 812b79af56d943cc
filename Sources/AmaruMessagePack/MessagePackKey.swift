// SPDX-License-Identifier: Apache-2.0

/// A string of the input, lent where it lies: a map's key.
///
/// It is compared byte by byte, in a `switch` too: `case "name":`. It is not checked to be valid
/// UTF-8; what is not is equal to no text.
@safe
@frozen
public struct MessagePackKey: ~Escapable {
  // SAFETY: `count` bytes at `start` belong to what the reader borrows, whose lifetime the key
  // has.
  @usableFromInline let start: UnsafeRawPointer
  @usableFromInline let count: Int

  /// Makes a key of bytes.
  @inlinable
  @inline(__always)
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) {
    let buffer = unsafe bytes.withUnsafeBytes { buffer in unsafe buffer }
    unsafe start = buffer.baseAddress ?? UnsafeRawPointer(MessagePackReader.nowhere)
    count = buffer.count
  }

  /// The key as a text; what is not valid UTF-8 is replaced by U+FFFD.
  public var text: String {
    // SAFETY: the bytes are there, and are copied.
    unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// Whether the key has this text.
  @inlinable
  @inline(__always)
  public func equals(_ text: StaticString) -> Bool {
    guard text.hasPointerRepresentation else { return self.text == "\(text)" }
    // SAFETY: both have `count` bytes.
    return unsafe count == text.utf8CodeUnitCount
      && Self.isEqual(start, UnsafeRawPointer(text.utf8Start), count)
  }

  /// Whether the key has the text of a pattern, for `switch`.
  @inlinable
  @inline(__always)
  public static func ~= (pattern: StaticString, key: MessagePackKey) -> Bool {
    key.equals(pattern)
  }

  /// Whether bytes are equal.
  ///
  /// SAFETY: `count` bytes must be at both places.
  @inlinable
  @inline(__always)
  static func isEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
    var offset = 0
    while offset &+ 8 <= count {
      guard
        unsafe left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
          == right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      else { return false }
      offset &+= 8
    }
    if count & 4 != 0 {
      guard
        unsafe left.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
          == right.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      else { return false }
      offset &+= 4
    }
    if count & 2 != 0 {
      guard
        unsafe left.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
          == right.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
      else { return false }
      offset &+= 2
    }
    if count & 1 != 0 {
      return unsafe left.load(fromByteOffset: offset, as: UInt8.self)
        == right.load(fromByteOffset: offset, as: UInt8.self)
    }
    return true
  }
}
