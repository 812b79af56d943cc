// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// Functions that others call by name with MessagePack values: a ``Service`` without a `.proto`.
///
/// ```swift
/// var endpoint = RPCEndpoint()
/// endpoint.register("add") { (args: AddArgs) in args.a + args.b }
/// var options = ServerOptions()
/// options.addresses = [.sharedMemory("calculator")]
/// try await Server([endpoint], options: options).run()
/// ```
///
/// A function's argument is read from a map (a type with keys: named arguments), an array (positional ones) or a value of its
/// own; what does not fit ends the call with `INVALID_ARGUMENT` and the field's path as a `google.rpc.BadRequest`. What a
/// function throws reaches the caller as from every handler: an ``RPCError`` as it is, anything else as `UNKNOWN`.
public struct RPCEndpoint: Service {
  public private(set) var handlers: [Handler] = []

  /// An endpoint without functions.
  public init() {}

  /// Serves a function of one argument under `name`. Two of one name are an error of the server's initializer.
  public mutating func register<
    Arguments: Decodable & SendableMetatype, Result: Encodable & SendableMetatype
  >(
    _ name: String, _ body: @escaping @Sendable (Arguments) async throws -> Result
  ) {
    register(name) { (arguments: Arguments, _: CallContext) in try await body(arguments) }
  }

  /// Serves a function of one argument and its call under `name`.
  public mutating func register<
    Arguments: Decodable & SendableMetatype, Result: Encodable & SendableMetatype
  >(
    _ name: String, _ body: @escaping @Sendable (Arguments, CallContext) async throws -> Result
  ) {
    handlers.append(
      .unary(PackedMethod(name, .unary)) { request, context in
        try Self.refuseJSON(context)
        return try PackedMessage(
          encoding: await body(try request.arguments(of: name), context), of: name)
      })
  }

  /// Serves a function without an argument under `name`; what a caller sends is not looked at.
  public mutating func register<Result: Encodable & SendableMetatype>(
    _ name: String, _ body: @escaping @Sendable () async throws -> Result
  ) {
    handlers.append(
      .unary(PackedMethod(name, .unary)) { _, context in
        try Self.refuseJSON(context)
        return try PackedMessage(encoding: await body(), of: name)
      })
  }

  /// Serves a function that sends many results under `name`.
  public mutating func registerStream<
    Arguments: Decodable & SendableMetatype, Result: Encodable & SendableMetatype
  >(
    _ name: String,
    _ body: @escaping @Sendable (Arguments, RPCWriter<Result>, CallContext) async throws -> Void
  ) {
    handlers.append(
      .serverStreaming(PackedMethod(name, .serverStreaming)) { request, responses, context in
        try Self.refuseJSON(context)
        try await body(
          try request.arguments(of: name), RPCWriter(name, responses), context)
      })
  }

  /// Serves a function that takes many values and gives one result under `name`.
  public mutating func registerCollector<
    Element: Decodable & SendableMetatype, Result: Encodable & SendableMetatype
  >(
    _ name: String,
    _ body: @escaping @Sendable (RPCReader<Element>, CallContext) async throws -> Result
  ) {
    handlers.append(
      .clientStreaming(PackedMethod(name, .clientStreaming)) { requests, context in
        try Self.refuseJSON(context)
        return try PackedMessage(
          encoding: await body(RPCReader(name, requests), context), of: name)
      })
  }

  /// Serves a function that takes many values and sends many results meanwhile under `name`.
  public mutating func registerConversation<
    Element: Decodable & SendableMetatype, Result: Encodable & SendableMetatype
  >(
    _ name: String,
    _ body:
      @escaping @Sendable (RPCReader<Element>, RPCWriter<Result>, CallContext) async throws -> Void
  ) {
    handlers.append(
      .bidirectional(PackedMethod(name, .bidirectional)) { requests, responses, context in
        try Self.refuseJSON(context)
        try await body(RPCReader(name, requests), RPCWriter(name, responses), context)
      })
  }

  /// Other doors reach the method, too, and may speak JSON.
  private static func refuseJSON(_ context: CallContext) throws(RPCError) {
    guard context.call.codec == .binary, context.call.sentCodec == .binary else {
      throw RPCError(
        .unimplemented, "\(context.method.fullName) takes MessagePack; call it over shared memory")
    }
  }
}
