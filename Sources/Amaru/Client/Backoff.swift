// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// How long to wait after a failure, longer each time. Source: `connection-backoff.md` of gRPC.
public struct Backoff: Sendable, Hashable {
  /// The wait after the first failure.
  public var initial: Duration
  /// How much longer each wait is than the one before.
  public var multiplier: Double
  /// The longest wait.
  public var maximum: Duration
  /// By how much a wait differs from the calculated one at random, up or down, as a part of it: so that clients
  /// that fail together do not come back together.
  public var jitter: Double

  /// gRPC's values unless others are given.
  public init(
    initial: Duration = .seconds(1), multiplier: Double = 1.6, maximum: Duration = .seconds(120),
    jitter: Double = 0.2
  ) {
    self.initial = initial
    self.multiplier = multiplier
    self.maximum = maximum
    self.jitter = jitter
  }

  /// The wait after `failures` failures in a row, from 1.
  func delay(after failures: Int) -> Duration {
    var wait = Double(initial.clampedNanoseconds)
    let longest = Double(maximum.clampedNanoseconds)
    var count = 1
    while count < failures, wait < longest {
      wait *= max(multiplier, 1)
      count += 1
    }
    let spread = min(max(jitter, 0), 1)
    let factor = spread > 0 ? Double.random(in: 1 - spread...1 + spread) : 1
    return .nanoseconds(Int64(min(min(wait, longest) * factor, 9e18)))
  }
}
