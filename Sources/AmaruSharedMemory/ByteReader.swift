// SPDX-License-Identifier: Apache-2.0

/// Reads little-endian numbers and bytes from a private copy of what a peer wrote.
struct ByteReader: ~Escapable {
  private let bytes: RawSpan
  private var position = 0

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) { self.bytes = bytes }

  /// How many bytes are left.
  var remaining: Int { bytes.byteCount - position }

  /// Reads a number.
  ///
  /// - Throws: ``SharedMemoryError/malformedFrame(_:)`` when too few bytes are left.
  mutating func read<Number: FixedWidthInteger & UnsignedInteger>(
    _ type: Number.Type
  ) throws(SharedMemoryError) -> Number {
    let count = MemoryLayout<Number>.size
    guard remaining >= count else { throw .malformedFrame("it ends inside a number") }
    var value: Number = 0
    for index in 0..<count {
      value |= Number(truncatingIfNeeded: byte(position + index)) << Number(8 * index)
    }
    position += count
    return value
  }

  /// Reads `count` bytes.
  ///
  /// - Throws: ``SharedMemoryError/malformedFrame(_:)`` when fewer are left.
  mutating func readBytes(_ count: Int) throws(SharedMemoryError) -> [UInt8] {
    guard count >= 0, remaining >= count else { throw .malformedFrame("it ends inside a field") }
    let start = position
    position += count
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      bytes.extracting(start..<(start + count)).withUnsafeBytes {
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0)
      }
      filled = count
    }
  }

  /// Reads `count` bytes of UTF-8.
  ///
  /// - Throws: ``SharedMemoryError/malformedFrame(_:)`` when fewer are left, or they are not UTF-8.
  mutating func readText(_ count: Int) throws(SharedMemoryError) -> String {
    guard let text = String(validating: try readBytes(count), as: UTF8.self) else {
      throw .malformedFrame("a text is not UTF-8")
    }
    return text
  }

  private func byte(_ offset: Int) -> UInt8 {
    bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }
}

extension [UInt8] {
  /// Adds a number in little-endian order.
  mutating func append<Number: FixedWidthInteger & UnsignedInteger>(littleEndian number: Number) {
    for index in 0..<MemoryLayout<Number>.size {
      append(UInt8(truncatingIfNeeded: number >> Number(8 * index)))
    }
  }
}
