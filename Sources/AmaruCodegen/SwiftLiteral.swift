// SPDX-License-Identifier: Apache-2.0

/// Literals of Swift.
enum SwiftLiteral {
  /// A text between the quotes of a literal.
  static func contents(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        "\\u{\(String(scalar.value, radix: 16))}"
      default: String(scalar)
      }
    }.joined()
  }
}
