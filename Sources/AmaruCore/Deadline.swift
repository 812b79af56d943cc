// SPDX-License-Identifier: Apache-2.0

/// The moment at which a call ends whether it has finished or not.
///
/// Measured on the clock that goes on while the system sleeps (``ContinuousClock``), in nanoseconds
/// since that clock's epoch, so that it is one word and can be compared with the loop's own time.
public struct Deadline: Sendable, Hashable, Comparable {
  /// Nanoseconds since the epoch of ``ContinuousClock``.
  package let nanoseconds: UInt64

  /// A deadline at `nanoseconds` since the epoch of ``ContinuousClock``.
  package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// The deadline that is `duration` from now; now when `duration` is negative.
  public static func after(_ duration: Duration) -> Deadline {
    let now = currentNanoseconds()
    let (sum, overflow) = now.addingReportingOverflow(duration.clampedNanoseconds)
    return Deadline(nanoseconds: overflow ? .max : sum)
  }

  /// The time that is left, zero when it is up.
  public var timeRemaining: Duration {
    let now = Self.currentNanoseconds()
    return nanoseconds > now ? .nanoseconds(Int64(clamping: nanoseconds - now)) : .zero
  }

  /// The deadline as an instant of the standard library's clock.
  public var instant: ContinuousClock.Instant {
    ContinuousClock().systemEpoch.advanced(by: .nanoseconds(Int64(clamping: nanoseconds)))
  }

  public static func < (left: Deadline, right: Deadline) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// The present time on this clock, in nanoseconds since its epoch.
  static func currentNanoseconds() -> UInt64 {
    ContinuousClock().systemEpoch.duration(to: .now).clampedNanoseconds
  }
}

extension Duration {
  /// The duration in nanoseconds, held between 0 and the largest value.
  package var clampedNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, over) = whole.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
    return overflow || over ? .max : sum
  }
}
