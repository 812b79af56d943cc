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
      return ResponseStream(call, options.response)
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
    var attempt = 1
    while true {
      let call = try await startCall(method, options)
      do {
        let result = try await body(call)
        options.response?.fill(from: call)
        callSucceeded(method)
        return result
      } catch {
        let failure = call.failure(after: error)
        guard let error = failure as? RPCError,
          let delay = retryDelay(
            method, attempt: attempt, error: error, isUnprocessed: call.wasUnprocessed),
          !Task.isCancelled, options.deadline.map({ $0.timeRemaining > delay }) ?? true
        else {
          options.response?.fill(from: call)
          throw failure
        }
        if delay > .zero { try? await Task.sleep(for: delay) }
        attempt += 1
      }
    }
  }
}
