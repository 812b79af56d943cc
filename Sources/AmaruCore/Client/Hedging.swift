// SPDX-License-Identifier: Apache-2.0

/// One hedged call: attempts that run beside each other. Loop only. Source: gRPC's proposal A6, "Hedging Policy".
///
/// ```
///   attempt 1 --delay--> attempt 2 --delay--> attempt 3        first success: the others are cancelled
///       failed, not fatal --> the next at once                 failed, fatal: the call has failed
/// ```
struct Hedging<Result: Sendable> {
  let policy: HedgingPolicy
  let channel: any Channel
  /// Makes the attempt with this number of attempts before it.
  let attempt: @Sendable (Int) async throws -> Result

  private enum Event: Sendable {
    /// The wait with this number is over.
    case due(Int)
    case ended(Swift.Result<Result, any Error>)
  }

  /// The result of the first attempt that succeeds.
  /// - Throws: the error of the last one, or the first that is fatal.
  func run() async throws -> Result {
    try await withThrowingTaskGroup(of: Event.self) { group in
      defer { group.cancelAll() }
      var started = 0
      var running = 0
      var isStopped = false
      // Only the last wait that was begun counts.
      var waits = 0

      func start() {
        let number = started
        started += 1
        running += 1
        waits += 1
        group.addTask { [attempt] in
          do {
            return .ended(.success(try await attempt(number)))
          } catch {
            return .ended(.failure(error))
          }
        }
        if started < policy.maxAttempts { wait(policy.delay) }
      }
      func wait(_ delay: Duration) {
        waits += 1
        group.addTask { [waits] in
          if delay > .zero { try? await Task.sleep(for: delay) }
          return .due(waits)
        }
      }

      start()
      while let event = try await group.next() {
        switch event {
        case .due(let number):
          guard number == waits, started < policy.maxAttempts, !isStopped, !Task.isCancelled,
            channel.hedgeDelay(after: nil, policy) != nil
          else { continue }
          start()
        case .ended(.success(let result)): return result
        case .ended(.failure(let error)):
          running -= 1
          guard let failure = error as? RPCError, policy.nonFatalCodes.contains(failure.code),
            !Task.isCancelled
          else { throw error }
          let delay = channel.hedgeDelay(after: failure, policy)
          if delay == nil { isStopped = true }
          if let delay, !isStopped, started < policy.maxAttempts {
            if delay == .zero { start() } else { wait(delay) }
          } else if running == 0, isStopped || started == policy.maxAttempts {
            throw error
          }
        }
      }
      throw RPCError(.internal, "no attempt has ended")
    }
  }
}
