// SPDX-License-Identifier: Apache-2.0

/// The buckets of the durations of calls: 10, 25 and 50 microseconds, and so in each decade up to 100 seconds.
enum LatencyBuckets {
  private static let decades = 7

  /// Buckets, with the last that has no bound.
  static let count = 3 * decades + 2

  /// The upper bounds in seconds.
  static let bounds: [Double] = {
    var bounds: [Double] = []
    var nanoseconds: UInt64 = 10_000
    for _ in 0..<decades {
      for step in [nanoseconds, nanoseconds / 2 * 5, nanoseconds * 5] {
        bounds.append(Double(step) / 1e9)
      }
      nanoseconds *= 10
    }
    return bounds + [Double(nanoseconds) / 1e9]
  }()

  /// The bucket of a duration.
  static func index(nanoseconds: UInt64) -> Int {
    var bound: UInt64 = 10_000
    var index = 0
    while index < 3 * decades {
      if nanoseconds <= bound { return index }
      if nanoseconds <= bound / 2 * 5 { return index + 1 }
      if nanoseconds <= bound * 5 { return index + 2 }
      bound *= 10
      index += 3
    }
    return nanoseconds <= bound ? index : index + 1
  }
}
