// SPDX-License-Identifier: Apache-2.0

/// A part of a log line that programs read: a name and a value.
public struct LogField: Sendable, Hashable {
  /// What a field holds.
  public enum Value: Sendable, Hashable {
    case text(String)
    case integer(Int64)
    case number(Double)
  }

  /// The name, in snake case by custom.
  public let name: String
  /// The value.
  public let value: Value

  /// A field with a text, from whomever it comes: what writes lines escapes it.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = .text(value)
  }

  /// A field with a whole number.
  public init(_ name: String, _ value: Int) {
    self.name = name
    self.value = .integer(Int64(value))
  }

  /// A field with a number; what is neither finite nor a number is written as text.
  public init(_ name: String, _ value: Double) {
    self.name = name
    self.value = value.isFinite ? .number(value) : .text("\(value)")
  }
}
