// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The time of day, which may be set back.
package enum WallClock {
  /// The time since 1970-01-01T00:00:00Z, without leap seconds. Any thread.
  package static func sinceEpoch() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
