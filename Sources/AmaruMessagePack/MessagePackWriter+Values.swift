// SPDX-License-Identifier: Apache-2.0

extension MessagePackWriter {
  /// Writes nil.
  @inlinable
  public mutating func null() {
    reserve(1)
    store(0xc0)
  }

  /// Writes a boolean.
  @inlinable
  public mutating func bool(_ value: Bool) {
    reserve(1)
    store(value ? 0xc3 : 0xc2)
  }

  // MARK: Numbers

  /// Writes an integer in its shortest format.
  @inlinable
  @inline(__always)
  public mutating func int(_ value: Int64) {
    if value >= -32, value < 128 {
      reserve(1)
      store(UInt8(truncatingIfNeeded: value))
    } else {
      longInt(value)
    }
  }

  /// Writes an integer in its shortest format.
  @inlinable
  @inline(__always)
  public mutating func uint(_ value: UInt64) {
    if value < 128 {
      reserve(1)
      store(UInt8(truncatingIfNeeded: value))
    } else {
      longUInt(value)
    }
  }

  @inline(never)
  @usableFromInline
  mutating func longInt(_ value: Int64) {
    if value >= 0 { return longUInt(UInt64(bitPattern: value)) }
    reserve(9)
    if value >= -0x80 {
      store(0xd0)
      store(UInt8(truncatingIfNeeded: value))
    } else if value >= -0x8000 {
      store(0xd1)
      store(bigEndian: Int16(truncatingIfNeeded: value))
    } else if value >= -0x8000_0000 {
      store(0xd2)
      store(bigEndian: Int32(truncatingIfNeeded: value))
    } else {
      store(0xd3)
      store(bigEndian: value)
    }
  }

  @inline(never)
  @usableFromInline
  mutating func longUInt(_ value: UInt64) {
    reserve(9)
    if value <= 0xff {
      store(0xcc)
      store(UInt8(truncatingIfNeeded: value))
    } else if value <= 0xffff {
      store(0xcd)
      store(bigEndian: UInt16(truncatingIfNeeded: value))
    } else if value <= 0xffff_ffff {
      store(0xce)
      store(bigEndian: UInt32(truncatingIfNeeded: value))
    } else {
      store(0xcf)
      store(bigEndian: value)
    }
  }

  /// Writes a float of 32 bits.
  @inlinable
  public mutating func float(_ value: Float) {
    reserve(5)
    store(0xca)
    store(bigEndian: value.bitPattern)
  }

  /// Writes a float of 64 bits, also where 32 would do: its format does not change with its value.
  @inlinable
  @inline(__always)
  public mutating func double(_ value: Double) {
    reserve(9)
    store(0xcb)
    store(bigEndian: value.bitPattern)
  }

  // MARK: Binary and extensions

  /// Writes binary.
  @inlinable
  public mutating func binary(_ bytes: RawSpan) {
    if lengthHeader(bytes.byteCount, 0xc4) { append(bytes) }
  }

  /// Writes an extension. The types from 0 to 127 are the application's; those below zero are the
  /// specification's, and only what was read should be written with one.
  public mutating func ext(type: Int8, _ bytes: RawSpan) {
    guard extHeader(type, bytes.byteCount) else { return }
    append(bytes)
  }

  /// Writes a timestamp in the shortest of its three forms (MessagePack specification, "Timestamp
  /// extension type").
  public mutating func timestamp(_ value: MessagePackTimestamp) {
    let type = MessagePackTimestamp.extensionType
    if value.seconds >= 0, value.seconds < 1 << 34 {
      let both = UInt64(value.nanoseconds) << 34 | UInt64(bitPattern: value.seconds)
      reserve(10)
      if both <= 0xffff_ffff {
        _ = extHeader(type, 4)
        store(bigEndian: UInt32(truncatingIfNeeded: both))
      } else {
        _ = extHeader(type, 8)
        store(bigEndian: both)
      }
    } else {
      _ = extHeader(type, 12)
      reserve(12)
      store(bigEndian: value.nanoseconds)
      store(bigEndian: value.seconds)
    }
  }

  mutating func extHeader(_ type: Int8, _ count: Int) -> Bool {
    reserve(2)
    switch count {
    case 1: store(0xd4)
    case 2: store(0xd5)
    case 4: store(0xd6)
    case 8: store(0xd7)
    case 16: store(0xd8)
    default:
      guard lengthHeader(count, 0xc7) else { return false }
      reserve(1)
    }
    store(UInt8(bitPattern: type))
    return true
  }

  // MARK: Headers

  /// Writes the header of an array, which so many values follow.
  @inlinable
  @inline(__always)
  public mutating func arrayHeader(_ count: Int) {
    if count >= 0, count < 16 {
      reserve(1)
      store(0x90 | UInt8(truncatingIfNeeded: count))
    } else {
      longHeader(count, 0xdc)
    }
  }

  /// Writes the header of a map, which so many entries follow, a key and a value each.
  @inlinable
  @inline(__always)
  public mutating func mapHeader(_ count: Int) {
    if count >= 0, count < 16 {
      reserve(1)
      store(0x80 | UInt8(truncatingIfNeeded: count))
    } else {
      longHeader(count, 0xde)
    }
  }

  @inline(never)
  @usableFromInline
  mutating func longHeader(_ count: Int, _ first: UInt8) {
    guard Self.isWritable(count) else { return overflow() }
    reserve(5)
    if count <= 0xffff {
      store(first)
      store(bigEndian: UInt16(truncatingIfNeeded: count))
    } else {
      store(first + 1)
      store(bigEndian: UInt32(truncatingIfNeeded: count))
    }
  }

  /// Writes the header of a string; false when it is too long.
  @usableFromInline
  mutating func stringHeader(_ count: Int) -> Bool {
    if count < 32 {
      reserve(1)
      store(0xa0 | UInt8(truncatingIfNeeded: count))
      return true
    }
    return lengthHeader(count, 0xd9)
  }

  /// Writes one of three formats and a length of 8, 16 or 32 bits; false when it is too long.
  @inline(never)
  @usableFromInline
  mutating func lengthHeader(_ count: Int, _ first: UInt8) -> Bool {
    guard Self.isWritable(count) else {
      overflow()
      return false
    }
    reserve(5)
    if count <= 0xff {
      store(first)
      store(UInt8(truncatingIfNeeded: count))
    } else if count <= 0xffff {
      store(first + 1)
      store(bigEndian: UInt16(truncatingIfNeeded: count))
    } else {
      store(first + 2)
      store(bigEndian: UInt32(truncatingIfNeeded: count))
    }
    return true
  }

  /// Whether 32 bits hold a length or count.
  static func isWritable(_ count: Int) -> Bool {
    count >= 0 && count <= 0xffff_ffff
  }

  mutating func overflow() {
    hasOverflowed = true
    null()
  }
}
