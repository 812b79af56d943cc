// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc

/// A thread of the system, for what blocks: a loop, or a name look-up.
package struct SystemThread: Sendable {
  private let thread: pthread_t

  /// What a thread holds while it runs.
  private final class Work {
    let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }
  }

  /// Starts a thread that runs `body` and ends with it; either ``join()`` or ``detach()`` it.
  package init(_ body: @escaping @Sendable () -> Void) throws(IOError) {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(Work(body))
    let result = pthread_create(
      &thread, nil,
      { argument in
        // SAFETY: retained above, and taken here once.
        let work = Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue()
        withExtendedLifetime(work) { work.body() }
        return nil
      }, argument.toOpaque())
    guard result == 0 else {
      argument.release()
      throw IOError("start a thread", code: result)
    }
    self.thread = thread
  }

  /// Waits until the thread has ended.
  package func join() { pthread_join(thread, nil) }

  /// Lets the thread end by itself.
  package func detach() { pthread_detach(thread) }
}
