// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Keeps a streaming call going: when the last copy of a stream is let go, a call that has not ended is given up.
///
/// Confined to the call's loop, but for `deinit`.
final class CallHandle: @unchecked Sendable {
  /// Makes the call again after its failure, with the number of the attempt that failed; nil when it is not.
  typealias Again = @Sendable (ClientCall, Int, any Error) async throws -> ClientCall?

  private let current: Mutex<ClientCall>
  private let info: ResponseInfo?
  private let again: Again?
  private let succeeded: (@Sendable () -> Void)?
  @exclusivity(unchecked) private var attempt = 1

  init(
    _ call: ClientCall, _ info: ResponseInfo?, again: Again? = nil,
    succeeded: (@Sendable () -> Void)? = nil
  ) {
    current = Mutex(call)
    self.info = info
    self.again = again
    self.succeeded = succeeded
  }

  /// The call, or the attempt at it that goes on.
  var call: ClientCall { current.withLock { $0 } }

  deinit {
    let call = current.withLock { $0 }
    if call.executor.isCurrent {
      call.abandon()
    } else {
      Task(executorPreference: call.executor) { call.abandon() }
    }
  }

  /// Does `body` on the call's loop, with the next attempt where the call is made again; what it throws is what the
  /// call failed with.
  func perform<Result: Sendable>(
    _ body: @escaping @Sendable (ClientCall) async throws -> Result
  ) async throws -> Result {
    try await call.executor.perform { [self] in
      while true {
        let call = call
        do {
          return try await body(call)
        } catch {
          let failure = call.failure(after: error)
          guard let next = try await again?(call, attempt, failure) else {
            info?.fill(from: call)
            throw failure
          }
          attempt += 1
          current.withLock { $0 = next }
        }
      }
    }
  }

  /// The call has ended with success. Loop only.
  func ended() {
    info?.fill(from: call)
    succeeded?()
  }
}
