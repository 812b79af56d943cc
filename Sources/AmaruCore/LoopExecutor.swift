// SPDX-License-Identifier: Apache-2.0

/// The executor that a call is confined to: its connection's event loop, one thread.
public protocol LoopExecutor: TaskExecutor {
  /// Whether the calling thread is the loop's own.
  var isCurrent: Bool { get }
  /// Runs the jobs that are ready. Only from the loop's own thread, and not from within a job.
  func runReadyJobs()
}
