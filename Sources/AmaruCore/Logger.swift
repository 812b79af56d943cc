// SPDX-License-Identifier: Apache-2.0

/// Where a server says what a person who runs it should know.
///
/// A log call may come from any thread and must not block for long.
public struct Logger: Sendable {
  /// How much a line matters.
  public enum Level: Int, Sendable, Hashable, Comparable, CaseIterable {
    case debug, info, warning, error

    public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  /// Lines below this level are not made.
  public var minimumLevel: Level
  private let sink: @Sendable (LogRecord) -> Void

  /// A logger that hands each line to `sink`; a line's fields stand behind it as `name=value`.
  public init(minimumLevel: Level = .info, _ sink: @escaping @Sendable (Level, String) -> Void) {
    self.minimumLevel = minimumLevel
    self.sink = { record in sink(record.level, record.line) }
  }

  private init(minimumLevel: Level, to sink: @escaping @Sendable (LogRecord) -> Void) {
    self.minimumLevel = minimumLevel
    self.sink = sink
  }

  /// A logger that hands each line with its fields to `sink`.
  public static func records(
    minimumLevel: Level = .info, _ sink: @escaping @Sendable (LogRecord) -> Void
  ) -> Logger {
    Logger(minimumLevel: minimumLevel, to: sink)
  }

  /// A logger that says nothing.
  public static let none = Logger(minimumLevel: .error) { _, _ in }

  /// Logs a line, with fields for programs to read; neither is made when `level` is below ``minimumLevel``.
  public func log(
    _ level: Level, _ line: @autoclosure () -> String,
    _ fields: @autoclosure () -> [LogField] = []
  ) {
    guard level >= minimumLevel else { return }
    sink(LogRecord(level: level, message: line(), fields: fields()))
  }
}
