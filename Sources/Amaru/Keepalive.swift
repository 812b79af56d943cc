// SPDX-License-Identifier: Apache-2.0

/// Pings that find out whether the other end of a quiet connection is still there. Source: gRPC's proposals A8 and A9.
public struct Keepalive: Sendable, Hashable {
  /// The time without a byte from the other end after which it is pinged. gRPC's servers refuse clients that ping
  /// more often than every 5 minutes, unless they are set otherwise.
  public var interval: Duration
  /// The time in which the answer, or anything else, must come; then the connection is closed.
  public var timeout: Duration
  /// Whether a connection without a call is pinged too.
  public var pingsWithoutCalls: Bool

  /// Pings after `interval`, with an answer within 20 seconds, while there are calls, unless said otherwise.
  public init(
    interval: Duration, timeout: Duration = .seconds(20), pingsWithoutCalls: Bool = false
  ) {
    self.interval = interval
    self.timeout = timeout
    self.pingsWithoutCalls = pingsWithoutCalls
  }
}
