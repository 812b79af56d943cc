// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf
import Synchronization

/// Unary calls, as generated clients make them. `@inlinable`, so that encoding and decoding are specialised where the
/// message types are known.
extension Channel {
  /// One request, one response. Any thread; from the channel's own loop without a thread hop.
  /// - Throws: ``RPCError``; `CANCELLED` when the calling task was cancelled.
  @inlinable
  public func unary<Request: Message, Response: Message>(
    _ method: Method<Request, Response>, _ request: Request, _ options: CallOptions = CallOptions()
  ) async throws -> Response {
    let options = options.resolved()
    if executor.isCurrent { return try await unaryOnLoop(method, request, options) }
    return try await executor.perform { try await unaryOnLoop(method, request, options) }
  }

  @inlinable
  func unaryOnLoop<Request: Message, Response: Message>(
    _ method: Method<Request, Response>, _ request: Request, _ options: CallOptions
  ) async throws -> Response {
    if let policy = hedging(method.descriptor) {
      return try await hedged(method.descriptor, policy, options) { call in
        try await call.exchange(request)
      }
    }
    var call: ClientCall
    if let started = try startReadyCall(method.descriptor, options) {
      call = started
    } else {
      call = try await startCall(method.descriptor, options)
    }
    var attempt = 1
    while true {
      do {
        let response: Response = try await call.exchange(request)
        options.response?.fill(from: call)
        callEnded(method.descriptor, call, nil)
        return response
      } catch {
        call = try await nextAttempt(after: call, attempt, error, options)
        attempt += 1
      }
    }
  }

  /// The next attempt of a call that has failed.
  /// - Throws: why the call has failed, when there is none.
  @usableFromInline
  func nextAttempt(
    after call: ClientCall, _ attempt: Int, _ error: any Error, _ options: CallOptions
  ) async throws -> ClientCall {
    let failure = call.failure(after: error)
    let again: ClientCall?
    do {
      again = try await startAgain(call, attempt: attempt, error: failure, options)
    } catch {
      callEnded(call.method, call, RPCError(callFailure: error))
      throw error
    }
    guard let again else {
      options.response?.fill(from: call)
      callEnded(call.method, call, RPCError(callFailure: failure))
      throw failure
    }
    return again
  }

  /// Makes a call several times beside each other, as `policy` says. Loop only.
  @usableFromInline
  func hedged<Result: Sendable>(
    _ method: MethodDescriptor, _ policy: HedgingPolicy, _ options: CallOptions,
    _ body: @escaping @Sendable (ClientCall) async throws -> Result
  ) async throws -> Result {
    let tried = Mutex<(peers: [String], last: ClientCall?)>(([], nil))
    let hedging = Hedging(policy: policy, channel: self) { number in
      var options = options
      options.previousAttempts = number
      options.triedPeers = tried.withLock { $0.peers }
      let call = try await startCall(method, options)
      tried.withLock { tried in
        tried.peers.append(call.peer)
        tried.last = call
      }
      do {
        let result = try await body(call)
        return (result, call)
      } catch {
        throw call.failure(after: error)
      }
    }
    do {
      let (result, call) = try await hedging.run()
      options.response?.fill(from: call)
      callEnded(method, call, nil)
      return result
    } catch {
      callEnded(method, tried.withLock { $0.last }, RPCError(callFailure: error))
      throw error
    }
  }
}

extension ClientCall {
  /// Sends the one request, and waits for the one response. Loop only.
  @inlinable
  func exchange<Request: Message, Response: Message>(
    _ request: Request
  ) async throws -> Response {
    send(request)
    writeEnd()
    return try await singleResponse(Response.self)
  }
}
