// SPDX-License-Identifier: Apache-2.0

/// The names of a message's fields in JSON, with their numbers.
///
/// Generated code has one for each message in a `static let`; its memory is never freed.
public struct FieldNames: Sendable {
  let table: NameTable

  /// Makes the table from a literal: `name=1;unitPrice=2;unit_price=2;`.
  ///
  /// Each number has its JSON name and then, where that is another, the one of the `.proto` file.
  /// Numbers come in the order in which writers put the fields. A backslash takes the meaning
  /// away from the byte after it.
  public init(_ literal: StaticString) { table = NameTable(Self.parse(literal.description)) }

  static func parse(_ literal: String) -> [(name: [UInt8], number: Int32)] {
    var names: [(name: [UInt8], number: Int32)] = []
    var name: [UInt8] = []
    var digits: [UInt8] = []
    var isNumber = false
    var isEscaped = false
    for byte in literal.utf8 {
      switch byte {
      case _ where isEscaped:
        name.append(byte)
        isEscaped = false
      case UInt8(ascii: "\\") where !isNumber: isEscaped = true
      case UInt8(ascii: "=") where !isNumber: isNumber = true
      case UInt8(ascii: ";") where isNumber:
        names.append((name, Int32(String(decoding: digits, as: UTF8.self)) ?? 0))
        name = []
        digits = []
        isNumber = false
      default:
        if isNumber { digits.append(byte) } else { name.append(byte) }
      }
    }
    return names
  }
}
