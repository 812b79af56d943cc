// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import AmaruTLS

/// A way to a service over gRPC: names resolved, connections kept, calls balanced.
///
/// ```swift
/// let channel = try ClientChannel("dns:///inventory.example:50051")
/// let client = InventoryClient(channel)
/// ```
///
/// Made at once; it connects with the first call. Any thread. When the last reference goes, its connections are
/// closed; ``close()`` lets running calls finish.
public final class ClientChannel: Channel {
  private let core: ChannelCore
  private let ownsLoop: Bool

  /// A channel to `target`: `dns:///host:port` or `host:port`, `ipv4:1.2.3.4:50051,...`, `ipv6:[::1]:50051,...`,
  /// `unix:path` or `unix:///absolute/path` (gRPC's `naming.md`), or `shm:name` for shared memory.
  /// - Throws: ``RPCError`` for a target that cannot be used, and when the system gives no loop.
  public convenience init(
    _ target: String, options: ChannelOptions = ChannelOptions()
  ) throws(RPCError) {
    try self.init(ChannelTarget(target), options)
  }

  /// A channel to a fixed list of addresses.
  /// - Throws: ``RPCError`` when the list is empty, and when the system gives no loop.
  public convenience init(
    addresses: [SocketAddress], options: ChannelOptions = ChannelOptions()
  ) throws(RPCError) {
    guard let first = addresses.first else {
      throw RPCError(.invalidArgument, "a channel needs an address")
    }
    let authority = if case .tcp = first { first.description } else { "localhost" }
    try self.init(ChannelTarget(FixedResolver(addresses), authority: authority), options)
  }

  init(_ target: ChannelTarget, _ options: ChannelOptions) throws(RPCError) {
    let loop: (loop: EventLoop, isOwn: Bool)
    do throws(IOError) {
      loop = try options.loop.running()
    } catch {
      throw RPCError(.unavailable, "\(error)")
    }
    do throws(TLSError) {
      core = try ChannelCore(target, options, loop: loop.loop)
    } catch {
      if loop.isOwn { loop.loop.enqueueTask { loop.loop.stop() } }
      throw RPCError(.invalidArgument, "\(error)")
    }
    ownsLoop = loop.isOwn
  }

  deinit {
    let core = core
    let ownsLoop = ownsLoop
    core.loop.enqueueTask {
      core.beginShutDown(now: true)
      core.stopMeasuring()
      if ownsLoop { core.loop.stop() }
    }
  }

  public var executor: any LoopExecutor { core.loop }

  public func startCall(
    _ method: MethodDescriptor, _ options: CallOptions
  ) async throws -> ClientCall {
    try await core.startMeasuredCall(method, options)
  }

  public func startReadyCall(
    _ method: MethodDescriptor, _ options: CallOptions
  ) throws -> ClientCall? {
    try core.startReadyMeasuredCall(method, options)
  }

  public func retryDelay(_ call: ClientCall, attempt: Int, error: RPCError) -> Duration? {
    core.retryDelay(call, attempt: attempt, error: error)
  }

  public func callEnded(_ method: MethodDescriptor, _ call: ClientCall?, _ failure: RPCError?) {
    core.callEnded(method, call, failure)
  }

  public func hedging(_ method: MethodDescriptor) -> HedgingPolicy? { core.hedging(method) }

  public func hedgeDelay(after error: RPCError?, _ policy: HedgingPolicy) -> Duration? {
    core.hedgeDelay(after: error)
  }

  public func retryBufferBytes(_ method: MethodDescriptor) -> Int { core.retryBufferBytes(method) }

  /// Whether a server can be reached.
  public var state: ConnectivityState {
    get async { await core.loop.perform { [core] in core.state } }
  }

  /// How its servers are doing, in the resolver's order; empty before the first call.
  public var backends: [BackendState] {
    get async { await core.loop.perform { [core] in core.backends.map(\.state) } }
  }

  /// Makes a connection now, and does not wait for the first call.
  public func connect() async { await core.loop.perform { [core] in core.connect() } }

  /// Connects, and returns when a server can be called.
  /// - Throws: `UNAVAILABLE` with why an attempt has failed; later calls try again.
  func waitUntilReady() async throws {
    try await core.loop.perform { [core] in
      core.connect()
      while core.state != .ready {
        if let failure = core.failure { throw RPCError(.unavailable, failure) }
        try await core.waitForChange(nil)
      }
    }
  }

  /// Runs `body` on the channel's loop: its calls then cost no thread hop. It must not block.
  public func onLoop<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await core.loop.perform(body)
  }

  /// Starts no further calls, and returns when the running ones have ended and the connections are closed.
  public func close() async {
    await core.loop.perform { [core] in await core.shutDown() }
  }
}
