// SPDX-License-Identifier: Apache-2.0

// Strings, bytes and names, copied without bounds checks on each byte.
extension JSONWriter {
  /// Writes a string.
  @inline(never)
  @usableFromInline
  mutating func string(_ value: String) {
    var value = value
    value.withUTF8 { buffer in
      let count = buffer.count
      // The last word may be stored past the text; its bytes are written over.
      reserve(count &+ 11)
      put(UInt8(ascii: "\""))
      var offset = 0
      if let start = unsafe UnsafeRawPointer(buffer.baseAddress) {
        while offset &+ 8 <= count {
          // SAFETY: eight bytes are there, and reserved.
          let word = unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
          if JSONReader.special(UInt64(littleEndian: word)) != 0 { break }
          unsafe position.storeBytes(of: word, as: UInt64.self)
          unsafe position += 8
          offset &+= 8
        }
        while offset < count {
          // SAFETY: one byte is there, and reserved.
          let byte = unsafe start.load(fromByteOffset: offset, as: UInt8.self)
          if Self.needsEscape(byte) { break }
          put(byte)
          offset &+= 1
        }
        if offset < count { unsafe escaped(start + offset, count &- offset) }
      }
      reserve(2)
      put(UInt8(ascii: "\""))
      put(UInt8(ascii: ","))
    }
  }

  @inline(__always)
  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  /// Writes a text that has characters which must be escaped.
  ///
  /// SAFETY: `count` bytes must be there.
  @inline(never)
  private mutating func escaped(_ text: UnsafeRawPointer, _ count: Int) {
    for offset in 0..<count {
      // An escape has six bytes at most.
      reserve(6)
      let byte = unsafe text.load(fromByteOffset: offset, as: UInt8.self)
      guard Self.needsEscape(byte) else {
        put(byte)
        continue
      }
      put(UInt8(ascii: "\\"))
      switch byte {
      case 0x08: put(UInt8(ascii: "b"))
      case 0x09: put(UInt8(ascii: "t"))
      case 0x0a: put(UInt8(ascii: "n"))
      case 0x0c: put(UInt8(ascii: "f"))
      case 0x0d: put(UInt8(ascii: "r"))
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): put(byte)
      default:
        for digit in "u00".utf8 { put(digit) }
        put(UInt8(ascii: "0") + byte >> 4)
        put(byte & 15 < 10 ? UInt8(ascii: "0") + byte & 15 : UInt8(ascii: "a") + byte & 15 - 10)
      }
    }
  }

  /// Writes bytes in base64.
  @inline(never)
  @usableFromInline
  mutating func base64(_ value: [UInt8]) {
    let count = JSONBase64.count(of: value.count)
    reserve(count &+ 3)
    put(UInt8(ascii: "\""))
    // SAFETY: as many bytes are reserved.
    unsafe JSONBase64.encode(value, to: position)
    unsafe position += count
    put(UInt8(ascii: "\""))
    put(UInt8(ascii: ","))
  }

  /// Writes the name of an enum's value, or its number when it has none.
  @inline(never)
  @usableFromInline
  mutating func enumValue(_ number: Int32, _ names: EnumNames) {
    guard !options.writesEnumNumbers, let entry = names.table.entry(of: number) else {
      return integer(Int64(number))
    }
    reserve(entry.count &+ 3)
    put(UInt8(ascii: "\""))
    // SAFETY: the name's own bytes; names of enum values are identifiers.
    unsafe put(entry.name, entry.count)
    put(UInt8(ascii: "\""))
    put(UInt8(ascii: ","))
  }
}
