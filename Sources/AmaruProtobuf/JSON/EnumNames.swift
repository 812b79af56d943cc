// SPDX-License-Identifier: Apache-2.0

/// The names of an enum's values, with their numbers.
///
/// Generated code has one for each enum in a `static let`; its memory is never freed.
public struct EnumNames: Sendable {
  let table: NameTable

  /// Makes the table from a literal: `UNKNOWN=0;RED=1;`. Of two names of one number, the first is
  /// the one to write.
  public init(_ literal: StaticString) { table = NameTable(FieldNames.parse(literal.description)) }

  /// The name of a number; nil for a number that the schema does not know.
  public func name(of number: Int32) -> String? {
    table.entry(of: number)?.text
  }

  /// The number of a name; nil for a name that the schema does not know.
  public func number(of name: String) -> Int32? {
    table.place(of: name.utf8.span).map { table[$0].number }
  }
}
