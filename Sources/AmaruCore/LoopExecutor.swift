// SPDX-License-Identifier: Apache-2.0

/// The executor that a call is confined to: its connection's event loop, one thread.
public protocol LoopExecutor: TaskExecutor {
  /// Whether the calling thread is the loop's own.
  var isCurrent: Bool { get }
  /// Runs the jobs that are ready. Only from the loop's own thread, and not from within a job.
  func runReadyJobs()
}

extension LoopExecutor {
  /// Does `body` on the loop: at once when the caller is there, else by a task of its own, which is waited for
  /// and cancelled with the caller's; comes back to where the caller runs.
  ///
  /// A task of its own: after a mere change of the preferred executor a function that runs where its caller
  /// does would stay on the loop.
  @inlinable
  package func perform<Result: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    if isCurrent { return try await body() }
    let task = Task(executorPreference: self) { () -> Swift.Result<Result, Failure> in
      do throws(Failure) {
        return .success(try await body())
      } catch {
        return .failure(error)
      }
    }
    return try await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }.get()
  }
}
