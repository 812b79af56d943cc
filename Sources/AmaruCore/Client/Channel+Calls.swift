// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// The kinds of call with streams, as generated clients make them. Any thread; from the channel's own loop without a
/// thread hop.
extension Channel {
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
        handle(call, options) { again in
          again.send(request)
          again.writeEnd()
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
      let (handle, replay) = try await requestStream(method, options)
      return RequestStream(handle, replay)
    }
  }

  /// Many requests and many responses, in any order.
  /// - Throws: ``RPCError`` when the call cannot be started; later errors are thrown by the stream.
  public func bidirectional<Request: Message, Response: Message>(
    _ method: Method<Request, Response>, _ options: CallOptions = CallOptions()
  ) async throws -> BidirectionalStream<Request, Response> {
    let options = options.resolved()
    return try await executor.perform {
      let (handle, replay) = try await requestStream(method, options)
      return BidirectionalStream(handle, replay)
    }
  }

  /// A call with a stream of requests, and what has been sent on it. Loop only.
  private func requestStream<Request: Message, Response: Message>(
    _ method: Method<Request, Response>, _ options: CallOptions
  ) async throws -> (CallHandle, RequestReplay<Request>) {
    let call = try await startCall(method.descriptor, options)
    let replay = RequestReplay<Request>(maxBytes: retryBufferBytes(method.descriptor))
    return (handle(call, options, mayRepeat: { replay.isWhole }, repeat: replay.send), replay)
  }

  /// Keeps a streaming call going; `repeat` sends the requests anew when it is made again. Loop only.
  private func handle(
    _ call: ClientCall, _ options: CallOptions,
    mayRepeat: @escaping @Sendable () -> Bool = { true },
    repeat: @escaping @Sendable (ClientCall) async -> Void
  ) -> CallHandle {
    CallHandle(call, options.response) { failed, attempt, error in
      guard mayRepeat(),
        let again = try await startAgain(failed, attempt: attempt, error: error, options)
      else { return nil }
      await `repeat`(again)
      return again
    } ended: { call, failure in
      callEnded(call.method, call, failure)
    }
  }

  /// The next attempt of a call that has failed, after the wait that the channel asks for; nil when there is none.
  func startAgain(
    _ call: ClientCall, attempt: Int, error: any Error, _ options: CallOptions
  ) async throws -> ClientCall? {
    guard let error = error as? RPCError,
      let delay = retryDelay(call, attempt: attempt, error: error), !Task.isCancelled,
      call.deadline.map({ $0.timeRemaining > delay }) ?? true
    else { return nil }
    if delay > .zero { try? await Task.sleep(for: delay) }
    var options = options
    options.previousAttempts = attempt
    options.triedPeers = [call.peer]
    options.deadline = call.deadline
    options.beganNanoseconds = call.beganNanoseconds
    return try await startCall(call.method, options)
  }
}
