// SPDX-License-Identifier: Apache-2.0

// Conversion to and from `Swift.Duration`, and the rules of `google/protobuf/duration.proto`.
extension Google_Protobuf_Duration {
  /// Makes a duration; what is below a nanosecond is cut off.
  public init(_ duration: Swift.Duration) throws(TimeRangeError) {
    self.init()
    let (seconds, attoseconds) = duration.components
    self.seconds = seconds
    nanos = Int32(truncatingIfNeeded: attoseconds / 1_000_000_000)
    guard isValid else { throw .duration }
  }

  /// Whether it is one: up to 315,576,000,000 seconds (about 10,000 years) and less than a second
  /// of nanoseconds, both of one sign.
  public var isValid: Bool {
    seconds.magnitude <= 315_576_000_000 && nanos.magnitude < 1_000_000_000
      && (seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0))
  }

  /// The duration as the standard library's type, which clocks and `Task.sleep` take.
  public func swiftDuration() throws(TimeRangeError) -> Swift.Duration {
    guard isValid else { throw .duration }
    return Swift.Duration(
      secondsComponent: seconds, attosecondsComponent: Int64(nanos) * 1_000_000_000)
  }
}
