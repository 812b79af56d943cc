// SPDX-License-Identifier: Apache-2.0

/// The escapes in string literals (protobuf.dev, "Text Format Language Specification", String
/// Literals). Defaults of `bytes` fields in descriptors have them too.
package enum TextEscapes {
  /// Removes the escapes; nil when one is malformed.
  package static func bytes(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte != UInt8(ascii: "\\") {
        bytes.append(byte)
      } else if !append(escape: &rest, to: &bytes) {
        return nil
      }
    }
    return bytes
  }

  /// Reads what follows a backslash. Returns whether it is an escape.
  static func append(escape rest: inout ArraySlice<UInt8>, to bytes: inout [UInt8]) -> Bool {
    guard let kind = rest.first else { return false }
    if (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(kind) {
      guard let byte = UInt8(exactly: number(&rest, radix: 8, 1...3) ?? 256) else { return false }
      bytes.append(byte)
      return true
    }
    rest = rest.dropFirst()
    switch kind {
    case UInt8(ascii: "a"): bytes.append(7)
    case UInt8(ascii: "b"): bytes.append(8)
    case UInt8(ascii: "t"): bytes.append(9)
    case UInt8(ascii: "n"): bytes.append(10)
    case UInt8(ascii: "v"): bytes.append(11)
    case UInt8(ascii: "f"): bytes.append(12)
    case UInt8(ascii: "r"): bytes.append(13)
    case UInt8(ascii: "?"), UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""):
      bytes.append(kind)
    case UInt8(ascii: "x"), UInt8(ascii: "X"):
      guard let number = number(&rest, radix: 16, 1...2) else { return false }
      bytes.append(UInt8(truncatingIfNeeded: number))
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      // Surrogates and numbers over 10ffff are no scalars.
      let count = kind == UInt8(ascii: "u") ? 4 : 8
      guard let scalar = number(&rest, radix: 16, count...count).flatMap(Unicode.Scalar.init)
      else { return false }
      bytes += Array(String(scalar).utf8)
    default: return false
    }
    return true
  }

  /// Reads as many digits as there are within bounds; nil when they are too few.
  private static func number(
    _ rest: inout ArraySlice<UInt8>, radix: UInt32, _ count: ClosedRange<Int>
  ) -> UInt32? {
    var value: UInt32 = 0
    var digits = 0
    while digits < count.upperBound, let digit = rest.first.flatMap(Self.digit), digit < radix {
      // Eight digits of four bits, or three of three, fit.
      value = value &* radix &+ digit
      digits += 1
      rest = rest.dropFirst()
    }
    return digits < count.lowerBound ? nil : value
  }

  /// The value of a hexadecimal digit.
  static func digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}
