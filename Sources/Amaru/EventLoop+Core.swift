// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import AmaruProtocols

extension EventLoop: LoopExecutor {}

extension EventLoop {
  /// Does `body` on the loop's own thread, from any thread.
  func perform<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await Task(executorPreference: self) { body() }.value
  }
}

/// Ends calls in time, by the timers of a loop.
final class LoopDeadlines: DeadlineScheduler {
  private unowned let loop: EventLoop

  init(_ loop: EventLoop) { self.loop = loop }

  var now: UInt64 { loop.now }

  func schedule(_ call: any DeadlineTarget, at nanoseconds: UInt64) -> AnyObject {
    let timer = Timer { call.deadlinePassed() }
    loop.schedule(timer, at: nanoseconds)
    return timer
  }

  func cancel(_ deadline: AnyObject) {
    if let timer = deadline as? Timer { loop.cancel(timer) }
  }
}
