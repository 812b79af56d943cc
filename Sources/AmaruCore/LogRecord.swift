// SPDX-License-Identifier: Apache-2.0

/// One line of a log before it is written.
public struct LogRecord: Sendable, Hashable {
  /// How much it matters.
  public let level: Logger.Level
  /// What happened, for a person. May hold text of a peer, and so any character.
  public let message: String
  /// The particulars, for programs.
  public let fields: [LogField]

  /// A line from its parts.
  public init(level: Logger.Level, message: String, fields: [LogField] = []) {
    self.level = level
    self.message = message
    self.fields = fields
  }

  /// The message as it is, with the fields behind it as `name=value`, those escaped.
  var line: String {
    guard !fields.isEmpty else { return message }
    var line = message
    LogText.append(fields, to: &line)
    return line
  }
}
