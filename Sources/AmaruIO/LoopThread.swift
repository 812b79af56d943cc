// SPDX-License-Identifier: Apache-2.0

/// A thread that runs a loop.
package struct LoopThread: Sendable {
  private let thread: SystemThread

  /// Starts a thread that runs `loop` until it is stopped, and keeps `owner` alive until then.
  package init(running loop: EventLoop, for owner: any AnyObject & Sendable) throws(IOError) {
    thread = try SystemThread { withExtendedLifetime(owner) { loop.run() } }
  }

  /// Waits until the loop has stopped.
  package func join() { thread.join() }
}
