// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc

/// A thread that runs a loop.
package struct LoopThread: Sendable {
  private let thread: pthread_t

  /// Starts a thread that runs `loop` until it is stopped.
  package init(running loop: EventLoop) throws(IOError) {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(loop)
    let result = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<EventLoop>.fromOpaque(argument!).takeRetainedValue().run()
        return nil
      }, argument.toOpaque())
    guard result == 0 else {
      argument.release()
      throw IOError("start a thread", code: result)
    }
    self.thread = thread
  }

  /// Waits until the loop has stopped.
  package func join() { pthread_join(thread, nil) }
}
