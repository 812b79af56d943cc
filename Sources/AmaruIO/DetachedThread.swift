// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc

/// A thread for one piece of work that blocks, such as a name look-up.
package enum DetachedThread {
  private final class Work {
    let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }
  }

  /// Runs `body` on a thread of its own, which ends with it.
  package static func run(_ body: @escaping @Sendable () -> Void) throws(IOError) {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(Work(body))
    let result = pthread_create(
      &thread, nil,
      { argument in
        // SAFETY: retained above, and taken here once.
        Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
        return nil
      }, argument.toOpaque())
    guard result == 0 else {
      argument.release()
      throw IOError("start a thread", code: result)
    }
    pthread_detach(thread)
  }
}
