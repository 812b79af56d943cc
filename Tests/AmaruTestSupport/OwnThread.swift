// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization
package import Testing

/// Runs each test on a thread of its own, where it may block: the global pool has few threads, and what a
/// test waits for may need one.
package struct OwnThread: TestTrait, SuiteTrait, TestScoping {
  package var isRecursive: Bool { true }

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    let executor = ThreadExecutor()
    defer { executor.stop() }
    try await withTaskExecutorPreference(executor) { try await function() }
  }
}

extension Trait where Self == OwnThread {
  /// Runs each test on a thread of its own, where it may block.
  package static var ownThread: OwnThread { OwnThread() }
}

/// Does `body` on a thread of its own, where it may block.
package func onThread<Result: Sendable>(
  _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
  let executor = ThreadExecutor()
  defer { executor.stop() }
  return try await Task(executorPreference: executor) { try body() }.value
}

/// One thread that runs jobs until it is stopped.
private final class ThreadExecutor: TaskExecutor, @unchecked Sendable {
  private let state = Mutex<(jobs: [UnownedJob], isStopped: Bool)>(([], false))
  // SAFETY: initialised in `init`, destroyed in `deinit`, and made for use from several threads.
  private let bell = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() {
    sem_init(bell, 0, 0)
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(self).toOpaque()
    let result = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<ThreadExecutor>.fromOpaque(argument!).takeRetainedValue().run()
        return nil
      }, argument)
    precondition(result == 0, "no thread for a test")
    pthread_detach(thread)
  }

  deinit {
    sem_destroy(bell)
    bell.deallocate()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
    sem_post(bell)
  }

  func stop() {
    state.withLock { $0.isStopped = true }
    sem_post(bell)
  }

  private func run() {
    while true {
      sem_wait(bell)
      let (job, isStopped) = state.withLock { state in
        (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isStopped)
      }
      if let job {
        job.runSynchronously(on: asUnownedTaskExecutor())
      } else if isStopped {
        return
      }
    }
  }

  func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }
}
