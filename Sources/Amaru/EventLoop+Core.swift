// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import AmaruProtocols

extension EventLoop: LoopExecutor {}

extension EventLoop {
  /// Has `body` run on the loop, soon. Any thread.
  func enqueueTask(_ body: @escaping @Sendable () -> Void) {
    Task(executorPreference: self) { body() }
  }
}

/// Ends calls in time, by the timers of a loop.
final class LoopDeadlines: DeadlineScheduler, @unchecked Sendable {
  private let loop: EventLoop

  init(_ loop: EventLoop) { self.loop = loop }

  var now: UInt64 { loop.now }

  func schedule(_ call: any DeadlineTarget, at nanoseconds: UInt64) -> AnyObject {
    let timer = Timer { call.deadlinePassed() }
    loop.schedule(timer, at: nanoseconds)
    return timer
  }

  /// Has `body` run on the loop, soon. Any thread.
  func onLoop(_ body: @escaping @Sendable () -> Void) { loop.enqueueTask(body) }

  func cancel(_ deadline: AnyObject) {
    if let timer = deadline as? Timer { loop.cancel(timer) }
  }
}
