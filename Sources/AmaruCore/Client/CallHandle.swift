// SPDX-License-Identifier: Apache-2.0

/// Keeps a streaming call going: when the last copy of a stream is let go, a call that has not ended is given up.
final class CallHandle: Sendable {
  let call: ClientCall
  let info: ResponseInfo?

  init(_ call: ClientCall, _ info: ResponseInfo?) {
    self.call = call
    self.info = info
  }

  deinit {
    let call = call
    if call.executor.isCurrent {
      call.abandon()
    } else {
      Task(executorPreference: call.executor) { call.abandon() }
    }
  }

  /// Does `body` on the call's loop; what it throws is what the call failed with.
  func perform<Result: Sendable>(
    _ body: @escaping @Sendable (ClientCall) async throws -> Result
  ) async throws -> Result {
    try await call.executor.perform { [self] in
      do {
        return try await body(call)
      } catch {
        let failure = call.failure(after: error)
        info?.fill(from: call)
        throw failure
      }
    }
  }
}
