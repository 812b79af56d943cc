// SPDX-License-Identifier: Apache-2.0

/// A task that runs handlers, one call after another.
///
/// A task made for each call costs 220-260 ns; a runner that is resumed, or that finds the next call
/// queued, a fraction. A runner whose task was cancelled with its call retires: a task cannot be
/// un-cancelled.
final class CallRunner: @unchecked Sendable {
  @exclusivity(unchecked) private var parked: UnsafeContinuation<Void, Never>?
  @exclusivity(unchecked) private var task: Task<Void, Never>?
  @exclusivity(unchecked) private var current: UnsafeCurrentTask?
  @exclusivity(unchecked) private var isCancelled = false
  // SAFETY: the runner's task holds the call while it runs it.
  @exclusivity(unchecked) private unowned(unsafe) var call: ServerCall?
  private let dispatcher: CallDispatcher

  /// The runner whose task, or a child of it, is asked; once for all of its calls.
  @TaskLocal private static var ofTask: CallRunner?

  /// The deadline of the call whose handler is the calling task itself. A task that a handler made may outlive
  /// it, and has none.
  static var deadlineOfCurrentTask: Deadline? {
    guard let runner = ofTask, runner.dispatcher.executor.isCurrent, runner.isCurrentTask else {
      return nil
    }
    return runner.call?.deadline
  }

  init(_ dispatcher: CallDispatcher) { self.dispatcher = dispatcher }

  /// Starts the runner's task on the dispatcher's loop; it runs at once, up to its first suspension.
  func start() {
    let task = Task.immediate(executorPreference: dispatcher.executor) {
      await Self.$ofTask.withValue(self) { await self.main() }
    }
    // A runner that has retired already has no use for its task.
    if current != nil { self.task = task }
  }

  /// Wakes the runner to look at the queue.
  func resume() {
    let waiting = parked
    parked = nil
    waiting?.resume()
  }

  /// Cancels the task of the call that runs now.
  func cancel() {
    isCancelled = true
    if let task { task.cancel() } else { current?.cancel() }
  }

  /// Whether the calling task is the runner's own, not a child that a handler made.
  // SAFETY: `current` is compared only; the runner's task is alive while the runner runs a call.
  var isCurrentTask: Bool { withUnsafeCurrentTask { $0 != nil && $0 == current } }

  private func main() async {
    withUnsafeCurrentTask { current = $0 }
    defer {
      current = nil
      task = nil
    }
    repeat {
      while let call = dispatcher.next() {
        call.runner = self
        self.call = call
        var failure: RPCError?
        do {
          try await call.handler.serve(CallContext(call))
        } catch {
          failure = RPCError(handlerError: error, in: call, logger: dispatcher.logger)
        }
        if dispatcher.executor.isCurrent {
          call.finish(failure, logger: dispatcher.logger)
        } else {
          await withTaskExecutorPreference(dispatcher.executor) { [failure] in
            call.finish(failure, logger: dispatcher.logger)
          }
        }
        call.runner = nil
        self.call = nil
        dispatcher.ended()
        if isCancelled { return }
      }
      guard dispatcher.park(self) else { return }
      await withUnsafeContinuation { parked = $0 }
    } while !dispatcher.isShutDown
  }
}
