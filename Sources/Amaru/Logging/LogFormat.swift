// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// The forms of log lines. No text of a peer can end a line or add a field in any of them.
enum LogFormat {
  /// `2026-01-31T08:00:00.000123Z info message name=value name="a value"`, and a line end.
  static func text(_ record: LogRecord, microseconds: Int64) -> String {
    var line = timestamp(microseconds)
    line += " \(record.level) "
    LogText.appendEscaped(record.message, to: &line)
    LogText.append(record.fields, to: &line)
    line += "\n"
    return line
  }

  /// One JSON object with `time`, `level`, `message` and the fields, and a line end. A field with one of those three
  /// names gets a `_` in front.
  static func json(_ record: LogRecord, microseconds: Int64) -> String {
    var line = "{\"time\":\"\(timestamp(microseconds))\",\"level\":\"\(record.level)\",\"message\":"
    append(json: record.message, to: &line)
    for field in record.fields {
      line += ","
      let isTaken = ["time", "level", "message"].contains(field.name)
      append(json: isTaken ? "_" + field.name : field.name, to: &line)
      line += ":"
      switch field.value {
      case .text(let text): append(json: text, to: &line)
      case .integer(let value): line += String(value)
      case .number(let value): line += value.isFinite ? "\(value)" : "null"
      }
    }
    line += "}\n"
    return line
  }

  /// A time in RFC 3339's form, in UTC, with microseconds.
  static func timestamp(_ microseconds: Int64) -> String {
    let (days, time) = microseconds.quotientAndFloorRemainder(dividingBy: 86_400_000_000)
    let (year, month, day) = civil(days)
    let seconds = time / 1_000_000
    return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T\(pad(seconds / 3600, 2)):"
      + "\(pad(seconds / 60 % 60, 2)):\(pad(seconds % 60, 2)).\(pad(time % 1_000_000, 6))Z"
  }

  private static func pad(_ number: Int64, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }

  /// The day that is `days` after 1970-01-01, counted in years that begin with March and eras of 400 years.
  private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = (days + 719_468).quotientAndFloorRemainder(dividingBy: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    let isNextYear = month >= 10
    return (era * 400 + yearOfEra + (isNextYear ? 1 : 0), isNextYear ? month - 9 : month + 3, day)
  }

  /// Adds a JSON string (RFC 8259 section 7), with the line ends of Unicode escaped too.
  private static func append(json text: String, to line: inout String) {
    line += "\""
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }) {
      line += text
    } else {
      for scalar in text.unicodeScalars { append(json: scalar, to: &line) }
    }
    line += "\""
  }

  private static func append(json scalar: Unicode.Scalar, to line: inout String) {
    switch scalar {
    case "\"": line += "\\\""
    case "\\": line += "\\\\"
    case "\n": line += "\\n"
    case "\r": line += "\\r"
    case "\t": line += "\\t"
    case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
      let digits = String(scalar.value, radix: 16)
      line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: line.unicodeScalars.append(scalar)
    }
  }
}

extension Int64 {
  /// The quotient, rounded down, and what is left, which is not negative.
  fileprivate func quotientAndFloorRemainder(dividingBy divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
