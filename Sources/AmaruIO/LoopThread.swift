// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc

/// A thread that runs a loop.
package struct LoopThread: Sendable {
  private let thread: pthread_t

  /// What a thread holds while it runs.
  private final class Context {
    let loop: EventLoop
    let owner: AnyObject

    init(_ loop: EventLoop, _ owner: AnyObject) {
      self.loop = loop
      self.owner = owner
    }
  }

  /// Starts a thread that runs `loop` until it is stopped, and keeps `owner` alive until then.
  package init(running loop: EventLoop, for owner: AnyObject) throws(IOError) {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(Context(loop, owner))
    let result = pthread_create(
      &thread, nil,
      { argument in
        let context = Unmanaged<Context>.fromOpaque(argument!).takeRetainedValue()
        withExtendedLifetime(context) { context.loop.run() }
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
