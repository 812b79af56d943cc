// SPDX-License-Identifier: Apache-2.0

// Conversion to and from the time since 1970, and the rules of `google/protobuf/timestamp.proto`.
extension Google_Protobuf_Timestamp {
  /// Makes a timestamp of the time since 1970-01-01T00:00:00Z; what is below a nanosecond is cut
  /// off towards the past.
  public init(sinceEpoch duration: Swift.Duration) throws(TimeRangeError) {
    self.init()
    let (seconds, attoseconds) = duration.components
    let (nanoseconds, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let floor = rest < 0 ? nanoseconds - 1 : nanoseconds
    // Before 1970 the seconds go one further back, and the nanoseconds forward.
    let borrow: Int64 = floor < 0 ? 1 : 0
    self.seconds = seconds &- borrow
    nanos = Int32(truncatingIfNeeded: floor + borrow * 1_000_000_000)
    guard isValid else { throw .timestamp }
  }

  /// Whether it is one: from 0001-01-01T00:00:00Z to before year 10,000, nanoseconds not negative
  /// and less than a second.
  public var isValid: Bool {
    (-62_135_596_800...253_402_300_799).contains(seconds) && (0..<1_000_000_000).contains(nanos)
  }

  /// The time since 1970-01-01T00:00:00Z; negative before.
  public func sinceEpoch() throws(TimeRangeError) -> Swift.Duration {
    guard isValid else { throw .timestamp }
    return Swift.Duration(
      secondsComponent: seconds, attosecondsComponent: Int64(nanos) * 1_000_000_000)
  }

  /// The time that has passed since an earlier timestamp; negative when that is later.
  public func duration(since other: Self) throws(TimeRangeError) -> Swift.Duration {
    // Two valid timestamps are less than 2^39 seconds apart.
    try sinceEpoch() - other.sinceEpoch()
  }

  /// The timestamp that is so much later, or earlier with a negative duration.
  public func advanced(by duration: Swift.Duration) throws(TimeRangeError) -> Self {
    guard duration.components.seconds.magnitude < 1 << 40 else { throw .timestamp }
    return try Self(sinceEpoch: sinceEpoch() + duration)
  }
}

extension Google_Protobuf_Timestamp: Comparable {
  /// Whether a timestamp is before another; both must be valid.
  public static func < (left: Self, right: Self) -> Bool {
    (left.seconds, left.nanos) < (right.seconds, right.nanos)
  }
}
