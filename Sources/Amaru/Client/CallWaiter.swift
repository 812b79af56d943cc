// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import AmaruProtocols

/// A call that waits for a connection. Confined to its loop.
final class CallWaiter: DeadlineTarget, @unchecked Sendable {
  private let deadlines: LoopDeadlines
  private var continuation: CheckedContinuation<Void, Never>?
  private var timer: AnyObject?
  private var isOver = false
  private var isWoken = false

  init(_ deadlines: LoopDeadlines) { self.deadlines = deadlines }

  /// Waits until something has changed.
  /// - Throws: `DEADLINE_EXCEEDED`, with what `reason` says, or `CANCELLED` with the task.
  func wait(until deadline: Deadline?, reason: () -> String) async throws(RPCError) {
    if let deadline { timer = deadlines.schedule(self, at: deadline.nanoseconds) }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        self.continuation = continuation
        if isWoken || Task.isCancelled { wake() }
      }
    } onCancel: {
      deadlines.onLoop { self.wake() }
    }
    if let timer { deadlines.cancel(timer) }
    timer = nil
    if isOver {
      throw RPCError(
        .deadlineExceeded,
        "the deadline has passed while the call waited for a connection: \(reason())")
    }
    if Task.isCancelled { throw RPCError(.cancelled, "the calling task was cancelled") }
  }

  func wake() {
    isWoken = true
    let waiting = continuation
    continuation = nil
    waiting?.resume()
  }

  func deadlinePassed() {
    timer = nil
    isOver = true
    wake()
  }
}
