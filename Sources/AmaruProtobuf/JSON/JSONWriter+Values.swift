// SPDX-License-Identifier: Apache-2.0

// Single values, as the codecs of the scalar types write them.
extension JSONWriter {
  /// Writes a `bool`.
  @inline(never)
  @usableFromInline
  mutating func bool(_ value: Bool) { literal(value ? "true," : "false,") }

  /// Writes a `bool` as a key.
  @inline(never)
  @usableFromInline
  mutating func boolKey(_ value: Bool) { literal(value ? "\"true\":" : "\"false\":") }

  /// Writes null.
  @inline(never)
  @usableFromInline
  mutating func null() { literal("null,") }

  /// Writes a `double`: the shortest number that is read as the same one.
  @inline(never)
  @usableFromInline
  mutating func double(_ value: Double) {
    if let integer = Int64(exactly: value), integer.magnitude < 1 << 53 {
      if integer != 0 || value.sign == .plus { return self.integer(integer) }
    }
    guard value.isFinite else { return special(value) }
    text(value.description)
    literal(",")
  }

  /// Writes a `float`: the shortest number that is read as the same one.
  @inline(never)
  @usableFromInline
  mutating func float(_ value: Float) {
    if let integer = Int64(exactly: value), integer.magnitude < 1 << 24 {
      if integer != 0 || value.sign == .plus { return self.integer(integer) }
    }
    guard value.isFinite else { return special(Double(value)) }
    text(value.description)
    literal(",")
  }

  /// Writes what JSON has no number for.
  private mutating func special(_ value: Double) {
    literal(value.isNaN ? "\"NaN\"," : value < 0 ? "\"-Infinity\"," : "\"Infinity\",")
  }
}
