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
  private let again: Again
  private let tellEnd: @Sendable (ClientCall, RPCError?) -> Void
  @exclusivity(unchecked) private var isEndTold = false
  @exclusivity(unchecked) private var attempt = 1
  /// Those who wait for the next attempt while another task makes it; nil while none does.
  @exclusivity(unchecked) private var waiting: [CheckedContinuation<Void, Never>]?

  init(
    _ call: ClientCall, _ info: ResponseInfo?, again: @escaping Again,
    ended: @escaping @Sendable (ClientCall, RPCError?) -> Void
  ) {
    current = Mutex(call)
    self.info = info
    self.again = again
    tellEnd = ended
  }

  /// The call, or the attempt at it that goes on.
  var call: ClientCall { current.withLock { $0 } }

  deinit {
    let call = current.withLock { $0 }
    let tellEnd = isEndTold ? nil : tellEnd
    if call.executor.isCurrent {
      call.abandon()
      tellEnd?(call, call.failure)
    } else {
      Task(executorPreference: call.executor) {
        call.abandon()
        tellEnd?(call, call.failure)
      }
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
          guard try await replace(call, after: failure) else {
            info?.fill(from: call)
            tell(RPCError(callFailure: failure))
            throw failure
          }
        }
      }
    }
  }

  /// Makes the call again, or waits until the other task that uses it has done so; false when it is not made again.
  private func replace(_ failed: ClientCall, after failure: any Error) async throws -> Bool {
    if waiting != nil {
      await withCheckedContinuation { waiting?.append($0) }
    } else if call === failed {
      waiting = []
      defer {
        let others = waiting ?? []
        waiting = nil
        for other in others { other.resume() }
      }
      do {
        guard let next = try await again(failed, attempt, failure) else { return false }
        attempt += 1
        current.withLock { $0 = next }
      } catch {
        tell(RPCError(callFailure: error))
        throw error
      }
    }
    return call !== failed
  }

  /// The call has ended with success. Loop only.
  func ended() {
    info?.fill(from: call)
    tell(nil)
  }

  /// Says once how the call has ended.
  private func tell(_ failure: RPCError?) {
    guard !isEndTold else { return }
    isEndTold = true
    tellEnd(call, failure)
  }
}
