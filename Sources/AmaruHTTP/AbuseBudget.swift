// SPDX-License-Identifier: Apache-2.0

/// What a peer may do beyond what its calls explain: resets, pings, settings, priorities, empty frames.
///
/// Each costs one unit. A unit comes back with time, with a call that completes and with a frame of body
/// that is sent (a client measures its bandwidth with pings), never above the whole budget.
struct AbuseBudget {
  private let whole: Int
  private let refillNanoseconds: UInt64
  private var left: Int
  private var refilled: UInt64

  init(_ whole: Int, refillNanoseconds: UInt64, now: UInt64) {
    self.whole = whole
    self.refillNanoseconds = max(refillNanoseconds, 1)
    left = whole
    refilled = now
  }

  /// Takes one unit; false when there is none left.
  mutating func spend(now: UInt64) -> Bool {
    if now > refilled {
      let units = (now - refilled) / refillNanoseconds
      left += min(whole - left, Int(clamping: units))
      refilled += units * refillNanoseconds
    }
    guard left > 0 else { return false }
    left -= 1
    return true
  }

  /// Gives one unit back.
  @inline(__always)
  mutating func earn() { if left < whole { left += 1 } }
}
