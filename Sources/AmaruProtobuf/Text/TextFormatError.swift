// SPDX-License-Identifier: Apache-2.0

/// Says why a text is not a message in text format, and where.
public struct TextFormatError: Error, Hashable, CustomStringConvertible {
  /// The line, counted from one.
  public let line: Int
  /// The place in the line in Unicode scalars, counted from one.
  public let column: Int
  /// What is wrong, as a fragment of an English sentence.
  public let reason: String

  /// Names a place and what is wrong there.
  public init(line: Int, column: Int, reason: String) {
    self.line = line
    self.column = column
    self.reason = reason
  }

  /// One line for a log or a status message.
  public var description: String { "\(line):\(column): \(reason)" }
}
