// SPDX-License-Identifier: Apache-2.0
import AmaruIO

/// Where the library's own log formats write: standard error, from a thread that nobody waits for.
///
/// One mebibyte may wait; lines that do not fit are dropped, counted, and reported when there is room again.
enum LogOutput {
  static let standardError = LineWriter.standardError { count in
    "\(LogFormat.timestamp(WallClock.microseconds)) warning \(count) lines of this log were dropped\n"
  }

  /// Lines that were dropped so far.
  static var droppedLines: UInt64 { standardError.droppedLines }
}
