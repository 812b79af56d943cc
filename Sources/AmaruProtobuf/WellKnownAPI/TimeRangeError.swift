// SPDX-License-Identifier: Apache-2.0

/// Says that a time is outside of what its well-known type may hold.
public enum TimeRangeError: Error, Hashable {
  /// A timestamp before year 1 or after year 9999, or whose nanoseconds are not in 0..<1e9.
  case timestamp
  /// A duration of more than about 10,000 years, or whose nanoseconds have another sign than its
  /// seconds or are not in -1e9<..<1e9.
  case duration
}

extension TimeRangeError: CustomStringConvertible {
  /// One sentence fragment in English for a log line or a status message.
  public var description: String {
    switch self {
    case .timestamp: "the timestamp is out of range"
    case .duration: "the duration is out of range"
    }
  }
}
