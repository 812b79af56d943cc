// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// The four kinds of call, as generated clients make them. Any thread; from the channel's own loop without a
/// thread hop.
extension Channel {
  /// One request, one response.
  /// - Throws: ``RPCError``; `CANCELLED` when the calling task was cancelled.
  public func unary<Request: Message, Response: Message>(
    _ method: Method<Request, Response>, _ request: Request, _ options: CallOptions = CallOptions()
  ) async throws -> Response {
    let options = options.resolved()
    return try await executor.perform {
      try await attempts(method.descriptor, options) { call in
        call.send(request)
        call.writeEnd()
        return try await call.singleResponse(Response.self)
      }
    }
  }

  /// One request, many responses.
  /// - Throws: ``RPCError`` when the call cannot be started; later errors are thrown by the stream.
  public func serverStreaming<Request: Message, Response: Message>(
    _ method: Method<Request, Response>, _ request: Request, _ options: CallOptions = CallOptions()
  ) async throws -> ResponseStream<Response> {
    let options = options.resolved()
    return try await executor.perform {
      let call = try await startCall(method.descriptor, options)
      call.send(request)
      call.writeEnd()
      return ResponseStream(
        CallHandle(call, options.response) { failed, attempt, error in
          guard
            let again = try await startAgain(failed, attempt: attempt, error: error, options)
          else { return nil }
          again.send(request)
          again.writeEnd()
          return again
        } succeeded: {
          callSucceeded()
        })
    }
  }

  /// Many requests, one response.
  /// - Throws: ``RPCError`` when the call cannot be started.
  public func clientStreaming<Request: Message, Response: Message>(
    _ method: Method<Request, Response>, _ options: CallOptions = CallOptions()
  ) async throws -> RequestStream<Request, Response> {
    let options = options.resolved()
    return try await executor.perform {
      RequestStream(try await startCall(method.descriptor, options), options.response)
    }
  }

  /// Many requests and many responses, in any order.
  /// - Throws: ``RPCError`` when the call cannot be started; later errors are thrown by the stream.
  public func bidirectional<Request: Message, Response: Message>(
    _ method: Method<Request, Response>, _ options: CallOptions = CallOptions()
  ) async throws -> BidirectionalStream<Request, Response> {
    let options = options.resolved()
    return try await executor.perform {
      BidirectionalStream(try await startCall(method.descriptor, options), options.response)
    }
  }

  /// Makes a call as often as the channel says, and gives what `body` gives. Loop only.
  private func attempts<Result: Sendable>(
    _ method: MethodDescriptor, _ options: CallOptions,
    _ body: (ClientCall) async throws -> Result
  ) async throws -> Result {
    var call = try await startCall(method, options)
    var attempt = 1
    while true {
      do {
        let result = try await body(call)
        options.response?.fill(from: call)
        callSucceeded()
        return result
      } catch {
        let failure = call.failure(after: error)
        guard
          let again = try await startAgain(call, attempt: attempt, error: failure, options)
        else {
          options.response?.fill(from: call)
          throw failure
        }
        call = again
        attempt += 1
      }
    }
  }

  /// The next attempt of a call that has failed, after the wait that the channel asks for; nil when there is none.
  private func startAgain(
    _ call: ClientCall, attempt: Int, error: any Error, _ options: CallOptions
  ) async throws -> ClientCall? {
    guard let error = error as? RPCError,
      let delay = retryDelay(call, attempt: attempt, error: error), !Task.isCancelled,
      call.deadline.map({ $0.timeRemaining > delay }) ?? true
    else { return nil }
    if delay > .zero { try? await Task.sleep(for: delay) }
    var options = options
    options.previousAttempts = attempt
    options.deadline = call.deadline
    return try await startCall(call.method, options)
  }
}
