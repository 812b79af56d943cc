// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO

extension Logger {
  /// A logger that writes lines such as `2026-01-31T08:00:00.000123Z info message name=value` to standard error.
  ///
  /// Times are in UTC. A thread of its own writes them, so that a slow reader of standard error holds no call up:
  /// one mebibyte may wait, and lines beyond that are dropped, counted and reported when there is room again.
  public static func text(minimumLevel: Level = .info) -> Logger {
    .records(minimumLevel: minimumLevel) { record in
      LogOutput.standardError.write(
        LogFormat.text(record, microseconds: WallClock.microseconds))
    }
  }

  /// A logger that writes lines of JSON to standard error, each an object with `time`, `level`, `message` and the
  /// fields; otherwise as ``text(minimumLevel:)``.
  public static func json(minimumLevel: Level = .info) -> Logger {
    .records(minimumLevel: minimumLevel) { record in
      LogOutput.standardError.write(
        LogFormat.json(record, microseconds: WallClock.microseconds))
    }
  }
}
