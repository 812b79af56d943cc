// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// Calls functions of another process of this machine by name, with MessagePack values.
///
/// ```swift
/// let client = try await RPCClient.connect("calculator")
/// let sum: Int = try await client.call("add", AddArgs(a: 10, b: 20))
/// await client.close()
/// ```
///
/// A value with keys is a function's named arguments, an array its positional ones, anything else the only one. What the
/// function raises is thrown as an ``RPCError``, whose ``RPCError/remote`` has the exception's type. Any number of calls may
/// go on at once, from any thread.
public struct RPCClient: Sendable {
  /// The way to the service; generated clients may share it.
  public let channel: any Channel
  private let closes: @Sendable () async -> Void

  /// A client of the service that listens under a name on shared memory, connected already.
  /// - Throws: ``RPCError``: `UNAVAILABLE` when nobody listens.
  public static func connect(
    _ name: String, options: ChannelOptions = ChannelOptions()
  ) async throws -> RPCClient {
    RPCClient(try await .sharedMemory(name, options: options))
  }

  /// A client over a channel, which ``close()`` closes.
  public init(_ channel: ClientChannel) {
    self.channel = channel
    closes = { await channel.close() }
  }

  /// Starts no further calls, and returns when the running ones have ended.
  public func close() async { await closes() }

  // MARK: One request, one result

  /// Calls a function, and gives its result.
  ///
  /// - Parameter timeout: The time that the call has; nil for no limit.
  /// - Throws: ``RPCError``: what the function raised; `INTERNAL` when the result is no `Result`.
  public func call<Result: Decodable>(
    _ method: String, _ arguments: some Encodable, timeout: Duration? = nil,
    options: CallOptions = CallOptions()
  ) async throws -> Result {
    let request = try PackedMessage(encoding: arguments, of: method)
    return try await unary(method, request, timeout, options).result(of: method)
  }

  /// Calls a function that takes nothing, and gives its result.
  /// - Throws: As ``call(_:_:timeout:options:)``.
  public func call<Result: Decodable>(
    _ method: String, timeout: Duration? = nil, options: CallOptions = CallOptions()
  ) async throws -> Result {
    try await unary(method, .none, timeout, options).result(of: method)
  }

  /// Calls a function whose result does not matter.
  /// - Throws: ``RPCError``: what the function raised.
  public func call(
    _ method: String, _ arguments: some Encodable, timeout: Duration? = nil,
    options: CallOptions = CallOptions()
  ) async throws {
    let request = try PackedMessage(encoding: arguments, of: method)
    _ = try await unary(method, request, timeout, options)
  }

  /// Calls a function that takes nothing and whose result does not matter.
  /// - Throws: ``RPCError``: what the function raised.
  public func call(
    _ method: String, timeout: Duration? = nil, options: CallOptions = CallOptions()
  ) async throws {
    _ = try await unary(method, .none, timeout, options)
  }

  private func unary(
    _ method: String, _ request: PackedMessage, _ timeout: Duration?, _ options: CallOptions
  ) async throws -> PackedMessage {
    try await channel.unary(
      PackedMethod(method, .unary), request, Self.options(options, timeout))
  }

  // MARK: Streams

  /// Calls a generator, and gives what it yields, one after another.
  /// - Throws: ``RPCError`` when the call cannot be started; later errors are thrown by the stream.
  public func stream<Element: Decodable>(
    _ method: String, _ arguments: some Encodable, of type: Element.Type = Element.self,
    timeout: Duration? = nil, options: CallOptions = CallOptions()
  ) async throws -> RPCResults<Element> {
    let request = try PackedMessage(encoding: arguments, of: method)
    return RPCResults(
      method,
      try await channel.serverStreaming(
        PackedMethod(method, .serverStreaming), request, Self.options(options, timeout)))
  }

  /// Calls a generator that takes nothing.
  /// - Throws: As ``stream(_:_:of:timeout:options:)``.
  public func stream<Element: Decodable>(
    _ method: String, of type: Element.Type = Element.self, timeout: Duration? = nil,
    options: CallOptions = CallOptions()
  ) async throws -> RPCResults<Element> {
    try await stream(method, Int?.none, of: type, timeout: timeout, options: options)
  }

  /// Calls a function that takes a stream of values, and gives what sends them.
  /// - Throws: ``RPCError`` when the call cannot be started.
  public func send<Element: Encodable>(
    _ method: String, of type: Element.Type = Element.self, timeout: Duration? = nil,
    options: CallOptions = CallOptions()
  ) async throws -> RPCArguments<Element> {
    RPCArguments(
      method,
      try await channel.clientStreaming(
        PackedMethod(method, .clientStreaming), Self.options(options, timeout)))
  }

  /// Calls a function that takes a stream of values and yields others meanwhile.
  /// - Throws: ``RPCError`` when the call cannot be started.
  public func converse<Sent: Encodable, Received: Decodable>(
    _ method: String, sending sent: Sent.Type = Sent.self,
    receiving received: Received.Type = Received.self, timeout: Duration? = nil,
    options: CallOptions = CallOptions()
  ) async throws -> RPCConversation<Sent, Received> {
    RPCConversation(
      method,
      try await channel.bidirectional(
        PackedMethod(method, .bidirectional), Self.options(options, timeout)))
  }

  private static func options(_ options: CallOptions, _ timeout: Duration?) -> CallOptions {
    guard let timeout else { return options }
    var options = options
    options.timeout = timeout
    return options
  }
}
