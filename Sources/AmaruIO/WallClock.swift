// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The clock that people set.
package enum WallClock {
  /// Microseconds since 1970-01-01T00:00:00Z, without leap seconds. Any thread.
  package static var microseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1000
  }
}
