// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc

extension Google_Protobuf_Timestamp {
  /// The time of this machine's clock.
  package static var now: Google_Protobuf_Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return .with {
      $0.seconds = Int64(time.tv_sec)
      $0.nanos = Int32(time.tv_nsec)
    }
  }
}
