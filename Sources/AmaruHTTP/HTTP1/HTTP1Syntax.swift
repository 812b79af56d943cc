// SPDX-License-Identifier: Apache-2.0

/// The alphabets and numbers of HTTP/1.1. Every set of characters is two words of bits, one bit for each of ASCII's.
enum HTTP1Syntax {
  private static let tokenBits: (UInt64, UInt64) = (0x03ff_6cfa_0000_0000, 0x57ff_ffff_c7ff_fffe)
  private static let hostBits: (UInt64, UInt64) = (0x2fff_7ff2_0000_0000, 0x47ff_fffe_afff_fffe)

  /// Whether `byte` may stand in a token, such as a method or a field's name (RFC 9110 5.6.2).
  @inline(__always)
  static func isToken(_ byte: UInt8) -> Bool { isIn(tokenBits, byte) }

  /// Whether `bytes` are a token, which has at least one byte.
  static func isToken(_ bytes: UnsafeRawBufferPointer) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { isToken($0) }
  }

  /// Whether `bytes` may be a host and port: the characters of RFC 3986 3.2.2, without user information. May be empty.
  static func isHost(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.allSatisfy { isIn(hostBits, $0) }
  }

  /// Whether every byte may stand in a field's value: no control character but the tab (RFC 9110 5.5).
  static func isFieldValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.allSatisfy { ($0 >= 0x20 && $0 != 0x7f) || $0 == 0x09 }
  }

  /// Whether every byte may stand in a target: visible ASCII but `#`, which begins what is not sent.
  static func isTarget(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }
  }

  /// `bytes` without the blanks at both ends.
  static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var rest = bytes[...]
    while let first = rest.first, isBlank(first) { rest = rest.dropFirst() }
    while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
    return UnsafeRawBufferPointer(rebasing: rest)
  }

  /// Whether `byte` is a space or a tab.
  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// The number that `bytes` are in decimal digits alone; nil when they are none, or over `Int.max`.
  static func decimal(_ bytes: UnsafeRawBufferPointer) -> Int? {
    number(bytes, radix: 10)
  }

  /// The number that `bytes` are in hexadecimal digits alone, of which there are at most 16.
  static func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> Int? {
    bytes.count > 16 ? nil : number(bytes, radix: 16)
  }

  private static func number(_ bytes: UnsafeRawBufferPointer, radix: Int) -> Int? {
    guard !bytes.isEmpty else { return nil }
    var number = 0
    for byte in bytes {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: return nil
      }
      guard digit < radix else { return nil }
      let (product, isOver) = number.multipliedReportingOverflow(by: radix)
      let (sum, isSumOver) = product.addingReportingOverflow(Int(digit))
      if isOver || isSumOver { return nil }
      number = sum
    }
    return number
  }

  /// Whether the list `bytes` of tokens, separated by commas, has `token`. With `weights`, as `TE` has them, what follows
  /// a `;` does not count.
  static func list(
    _ bytes: UnsafeRawBufferPointer, has token: StaticString, weights: Bool = false
  ) -> Bool {
    bytes.split(separator: UInt8(ascii: ",")).contains { element in
      let name = weights ? element.prefix { $0 != UInt8(ascii: ";") } : element
      return trimmed(UnsafeRawBufferPointer(rebasing: name)).isSame(as: token)
    }
  }

  @inline(__always)
  private static func isIn(_ bits: (UInt64, UInt64), _ byte: UInt8) -> Bool {
    guard byte < 128 else { return false }
    return (byte < 64 ? bits.0 : bits.1) &>> UInt64(byte & 63) & 1 == 1
  }
}

extension UnsafeRawBufferPointer {
  /// Whether the bytes are those of `text`, which is in lower case, but for the case of their letters.
  func isSame(as text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    return elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: count)) {
      ($0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0) == $1
    }
  }
}
