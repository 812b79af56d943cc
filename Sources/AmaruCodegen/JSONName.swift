// SPDX-License-Identifier: Apache-2.0

/// The names of fields in JSON, as generated code says them.
enum JSONName {
  /// A name in the literal of `FieldNames`, in which `=` and `;` end names and numbers.
  static func tableEntry(_ name: String) -> String {
    SwiftLiteral.contents(name.map { "=;\\".contains($0) ? "\\\($0)" : "\($0)" }.joined())
  }

  /// The names of a field as arguments of the writer: `"unitPrice", proto: "unit_price"`.
  static func arguments(_ field: Field) -> String {
    let name = "\"\(SwiftLiteral.contents(escaped(field.jsonName)))\""
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
