// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// A method with the code that serves it: message bytes in, message bytes out.
///
/// All four kinds have this one shape. The factories are `@inlinable`, so that encoding and decoding are
/// specialised in the module that knows the message types.
public final class Handler: Sendable {
  /// Serves one call: takes the messages, sends the responses, returns for success.
  public typealias Serve = @Sendable (CallContext) async throws -> Void

  /// The method.
  public let method: MethodDescriptor
  /// Serves a call; runs on the call's loop.
  public let serve: Serve
  /// Its place among the methods of its router, from 0; -1 outside of a router.
  package let index: Int

  /// A handler from its parts; the factories are the usual way.
  public convenience init(_ method: MethodDescriptor, serve: @escaping Serve) {
    self.init(method, index: -1, serve: serve)
  }

  init(_ method: MethodDescriptor, index: Int, serve: @escaping Serve) {
    self.method = method
    self.index = index
    self.serve = serve
  }

  /// One request, one response.
  @inlinable
  public static func unary<Request: Message, Response: Message>(
    _ method: Method<Request, Response>,
    _ body: @escaping @Sendable (Request, CallContext) async throws -> Response
  ) -> Handler {
    Handler(method.descriptor) { context in
      let call = context.call
      let request: Request
      if let message = try call.readyMessage(Request.self) {
        request = message
      } else {
        request = try await call.singleMessage(Request.self)
      }
      let response = try await body(request, context)
      if try !context.call.respond(response) { try await context.call.write(response) }
    }
  }

  /// Many requests, one response.
  @inlinable
  public static func clientStreaming<Request: Message, Response: Message>(
    _ method: Method<Request, Response>,
    _ body: @escaping @Sendable (MessageStream<Request>, CallContext) async throws -> Response
  ) -> Handler {
    Handler(method.descriptor) { context in
      let response = try await body(MessageStream(context.call), context)
      if try !context.call.respond(response) { try await context.call.write(response) }
    }
  }

  /// One request, many responses.
  @inlinable
  public static func serverStreaming<Request: Message, Response: Message>(
    _ method: Method<Request, Response>,
    _ body:
      @escaping @Sendable (Request, MessageWriter<Response>, CallContext) async throws -> Void
  ) -> Handler {
    Handler(method.descriptor) { context in
      let call = context.call
      let request: Request
      if let message = try call.readyMessage(Request.self) {
        request = message
      } else {
        request = try await call.singleMessage(Request.self)
      }
      try await body(request, MessageWriter(call), context)
    }
  }

  /// Many requests, many responses.
  @inlinable
  public static func bidirectional<Request: Message, Response: Message>(
    _ method: Method<Request, Response>,
    _ body:
      @escaping @Sendable (MessageStream<Request>, MessageWriter<Response>, CallContext)
      async throws -> Void
  ) -> Handler {
    Handler(method.descriptor) { context in
      try await body(MessageStream(context.call), MessageWriter(context.call), context)
    }
  }

  /// The same handler for code that blocks or computes for long: it runs on the global pool, and its loop
  /// goes on serving others. Costs two thread hops a call.
  public func offLoop() -> Handler {
    Handler(method, index: index) { [serve] context in
      context.call.keepMessages()
      // A task of its own: a change of the preferred executor alone leaves it to the compiler whether the way
      // is taken, and 6.3 stays on the loop in front of a mere call.
      let task = Task(executorPreference: globalConcurrentExecutor) { try await serve(context) }
      try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
    }
  }

  /// The same handler as the one with the place `index` in its router.
  func placed(at index: Int) -> Handler { Handler(method, index: index, serve: serve) }

  /// The same handler inside `interceptors`, the first outermost.
  public func intercepted(by interceptors: [any Interceptor]) -> Handler {
    var serve = self.serve
    for interceptor in interceptors.reversed() {
      serve = { [next = serve] context in try await interceptor.intercept(context, next: next) }
    }
    return Handler(method, index: index, serve: serve)
  }
}
