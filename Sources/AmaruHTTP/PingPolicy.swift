// SPDX-License-Identifier: Apache-2.0

/// Counts a client's pings that come too often. Source: gRPC's proposal A8, "Server Enforcement".
///
/// A ping counts against the client when it comes sooner after the one before than the interval, with nothing sent to
/// the client in between; after the second such ping the connection ends.
struct PingPolicy {
  private static let maxStrikes = 2
  /// The interval where there is no call and pings without calls are not allowed: 2 hours.
  private static let idleNanoseconds: UInt64 = 7_200_000_000_000

  private let interval: UInt64
  private let allowsWithoutCalls: Bool
  private var last: UInt64?
  private var strikes = 0

  /// - Parameter interval: In nanoseconds; 0 allows every ping.
  init(interval: UInt64, allowsWithoutCalls: Bool) {
    self.interval = interval
    self.allowsWithoutCalls = allowsWithoutCalls
  }

  /// Takes note of a ping; false when it is one too many.
  mutating func received(now: UInt64, hasCalls: Bool) -> Bool {
    guard interval > 0 else { return true }
    let wanted =
      hasCalls || allowsWithoutCalls ? interval : max(interval, Self.idleNanoseconds)
    if let last, now < last || now - last < wanted { strikes += 1 }
    last = now
    return strikes <= Self.maxStrikes
  }

  /// Something was sent to the client: a ping may follow.
  @inline(__always)
  mutating func reset() {
    last = nil
    strikes = 0
  }
}
