// SPDX-License-Identifier: Apache-2.0
import Dispatch

/// Runs an actor on a queue that may block, so that neither an event loop nor Swift's global pool
/// (one thread per core) stands still meanwhile.
final class BlockingExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) { queue = DispatchQueue(label: label) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
