// SPDX-License-Identifier: Apache-2.0

/// The form of an email address, as far as it can be judged without sending anything: the "dot-string"
/// of RFC 5321 4.1.2 before the @, and a domain of two labels or more behind it.
enum EmailForm {
  /// Whether `text` has the form, within the lengths of RFC 5321 4.5.3.1.
  static func fits(_ text: String) -> Bool {
    guard text.utf8.count <= 254,
      !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { return false }
    let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard parts.count == 2, let local = parts.first, let domain = parts.last,
      local.count <= 64
    else { return false }
    let labels = domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return labels.count >= 2 && labels.allSatisfy(isLabel)
      && local.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        .allSatisfy { !$0.isEmpty && $0.allSatisfy(isAtomByte) }
  }

  private static func isLabel(_ label: Substring.UTF8View) -> Bool {
    guard let first = label.first, let last = label.last, label.count <= 63 else { return false }
    let hyphen = UInt8(ascii: "-")
    return first != hyphen && last != hyphen
      && label.allSatisfy { isLetterOrDigit($0) || $0 == hyphen }
  }

  /// RFC 5322 3.2.3, and UTF-8 as RFC 6532 3.2 adds it.
  private static func isAtomByte(_ byte: UInt8) -> Bool {
    isLetterOrDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
  }

  /// Bytes past ASCII count as letters: internationalised names (RFC 6531 3.3).
  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: byte >= 0x80
    }
  }
}
