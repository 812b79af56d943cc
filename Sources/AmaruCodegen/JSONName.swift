// SPDX-License-Identifier: Apache-2.0

/// The names of fields in JSON, as generated code says them.
enum JSONName {
  /// `unit_price` becomes `unitPrice`: underscores go, and the letter after one is in upper case.
  /// protoc says the same in the descriptor's `json_name`.
  static func camelCase(_ protoName: String) -> String {
    var name = ""
    var isAfterUnderscore = false
    for letter in protoName {
      if letter == "_" {
        isAfterUnderscore = true
      } else {
        name += isAfterUnderscore ? letter.uppercased() : String(letter)
        isAfterUnderscore = false
      }
    }
    return name
  }

  /// A name in the literal of `FieldNames`, in which `=` and `;` end names and numbers.
  static func tableEntry(_ name: String) -> String {
    swiftLiteral(name.map { "=;\\".contains($0) ? "\\\($0)" : "\($0)" }.joined())
  }

  /// The names of a field as arguments of the writer: `"unitPrice", proto: "unit_price"`.
  static func arguments(_ field: Field) -> String {
    let name = "\"\(swiftLiteral(escaped(field.jsonName)))\""
    return field.jsonName == field.protoName ? name : "\(name), proto: \"\(field.protoName)\""
  }

  /// A name between the quotes of a JSON key (RFC 8259 7).
  private static func escaped(_ name: String) -> String {
    name.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": return "\\\(scalar)"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: return String(scalar)
      }
    }.joined()
  }

  /// A text between the quotes of a Swift literal.
  private static func swiftLiteral(_ text: String) -> String {
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

extension CodePrinter {
  /// Prints a declaration whose argument is one literal made of parts, on lines of their own when
  /// they are many.
  mutating func print(names: [String], _ declaration: String) {
    let joined = names.joined()
    if declaration.count + joined.count <= 92 {
      print("\(declaration)(\"\(joined)\")")
      return
    }
    print("\(declaration)(", "  \"\"\"")
    var line = ""
    for name in names {
      if !line.isEmpty, line.count + name.count > 88 {
        print("  \(line)\\")
        line = ""
      }
      line += name
    }
    print("  \(line)", "  \"\"\")")
  }
}
