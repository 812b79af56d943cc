// SPDX-License-Identifier: Apache-2.0

/// Decides when one connection is pinged and when it is given up. Times are nanoseconds of the loop.
struct KeepaliveClock {
  enum Action: Equatable {
    case wait, ping, close
  }

  private var interval: UInt64
  private let timeout: UInt64
  private let pingsWithoutCalls: Bool
  /// When the ping was sent that nothing has followed yet.
  private var pinged: UInt64?

  init(_ keepalive: Keepalive) {
    interval = max(keepalive.interval.clampedNanoseconds, 1_000_000)
    timeout = max(keepalive.timeout.clampedNanoseconds, 1_000_000)
    pingsWithoutCalls = keepalive.pingsWithoutCalls
  }

  /// What to do at the time `now`, when the last byte came at `received`.
  mutating func check(now: UInt64, received: UInt64, hasCalls: Bool) -> Action {
    if let sent = pinged {
      if received < sent { return now >= sent &+ timeout ? .close : .wait }
      pinged = nil
    }
    guard hasCalls || pingsWithoutCalls, now >= received &+ interval else { return .wait }
    pinged = now
    return .ping
  }

  /// When to look again, after a ``check(now:received:hasCalls:)`` at `now`.
  func next(now: UInt64, received: UInt64) -> UInt64 {
    if let pinged { return min(pinged &+ timeout, now &+ interval) }
    let due = received &+ interval
    // Without a call there was nothing to do.
    return due > now ? due : now &+ interval
  }
}
