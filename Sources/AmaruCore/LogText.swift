// SPDX-License-Identifier: Apache-2.0

/// The text form of log lines, in which no peer can begin a line of its own or move the terminal's cursor.
package enum LogText {
  /// Adds fields, each as ` name=value`; a value that is not a plain word stands in quotes.
  package static func append(_ fields: [LogField], to line: inout String) {
    for field in fields {
      line += " "
      appendEscaped(field.name, to: &line)
      line += "="
      switch field.value {
      case .integer(let value): line += String(value)
      case .number(let value): line += "\(value)"
      case .text(let text):
        if isWord(text) {
          line += text
        } else {
          line += "\""
          appendEscaped(text, quotes: true, to: &line)
          line += "\""
        }
      }
    }
  }

  /// Adds `text` with `\n`, `\u{1b}` and the like for what is not to be printed as it is.
  package static func appendEscaped(_ text: String, quotes: Bool = false, to line: inout String) {
    if text.utf8.allSatisfy(isHarmless) {
      line += text
      return
    }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": line += "\\n"
      case "\r": line += "\\r"
      case "\t": line += "\\t"
      case "\\" where quotes, "\"" where quotes:
        line += "\\"
        line.unicodeScalars.append(scalar)
      case _ where isControl(scalar): line += "\\u{\(String(scalar.value, radix: 16))}"
      default: line.unicodeScalars.append(scalar)
      }
    }
  }

  private static func isWord(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { isHarmless($0) && $0 != 0x20 && $0 != 0x3d }
  }

  /// Printable ASCII but for the quote and the backslash.
  private static func isHarmless(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7f && byte != 0x22 && byte != 0x5c
  }

  /// What ends a line, moves a cursor or turns the direction of writing, for some reader.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: true
    default: false
    }
  }
}
