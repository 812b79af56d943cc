// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruIO
import AmaruProtocols
import AmaruSharedMemory
import AmaruTLS

/// One event loop of a server with its listeners and connections. Confined to the loop, but for
/// ``start(_:)`` and ``shutDown(grace:)``.
final class ServerLoop: @unchecked Sendable {
  /// The time after which a peer that has not answered the drain's ping is not waited for.
  static let pingNanoseconds: UInt64 = 1_000_000_000

  /// The time that cancelled handlers have to end.
  private static let handlerNanoseconds: UInt64 = 1_000_000_000

  let loop: EventLoop
  let environment: CallEnvironment
  let httpLimits: HTTPLimits
  let memory = SessionMemory()
  /// The `Date` of responses over HTTP/1.1.
  let date = HTTPDate { EventLoop.unixSeconds() }
  /// The certificates, of all loops together; nil without TLS.
  let tls: TLSContextSource?
  private(set) lazy var tlsBuffers = TLSBuffers()
  /// How dead connections are found out; nil for not at all.
  let keepalive: Keepalive?
  /// The time that calls have on a connection that is too old; nil for no limit.
  let ageGraceNanoseconds: UInt64?
  private let maxAgeNanoseconds: UInt64?
  /// How often each connection looks at the time.
  let checkIntervalNanoseconds: UInt64
  private let maxConnections: Int
  private let deadlines: LoopDeadlines
  /// What the loop counts; nil without metrics.
  let counts: ServerCounts?
  private var listeners: [any LoopListener] = []
  private var connections: [any LoopConnection] = []
  private var drained: CheckedContinuation<Void, Never>?
  private(set) var isDraining = false
  private var timers: [Timer] = []
  private var signals: SignalWatch?

  init(
    router: Router, bindings: HTTPBindings?, options: ServerOptions, tls: TLSContextSource?
  ) throws(IOError) {
    loop = try EventLoop()
    self.tls = tls
    deadlines = LoopDeadlines(loop)
    let limits = options.limits
    counts = options.metrics.map { _ in ServerCounts(router.methods) }
    environment = CallEnvironment(
      router: router, dispatcher: CallDispatcher(executor: loop, logger: options.logger),
      limits: limits, responseCoding: options.responseCoding, executor: loop,
      deadlines: deadlines, observer: ServerObserver(loop, counts, options.accessLog),
      cors: options.cors, bindings: bindings)
    httpLimits = HTTPLimits(limits)
    maxConnections = max(1, limits.maxConnections / max(1, options.loops))
    keepalive = options.keepalive
    maxAgeNanoseconds = options.maxConnectionAge?.clampedNanoseconds
    ageGraceNanoseconds = options.maxConnectionAgeGrace?.clampedNanoseconds
    let times: [Duration?] = [
      limits.handshakeTimeout, limits.headerTimeout, limits.idleTimeout, limits.writeStallTimeout,
      keepalive?.interval, keepalive?.timeout, options.maxConnectionAge,
      options.maxConnectionAgeGrace,
    ]
    let shortest = times.compactMap { $0 }.min() ?? .seconds(10)
    checkIntervalNanoseconds = max(10_000_000, shortest.clampedNanoseconds)
  }

  /// When a connection that is made now is too old for further calls.
  func connectionExpiry() -> UInt64 {
    guard let age = maxAgeNanoseconds else { return .max }
    let spread = age / 10
    return loop.now &+ age - spread &+ UInt64.random(in: 0...2 * spread)
  }

  /// Accepts the connections of `descriptor`.
  func listen(_ descriptor: Int32, isShared: Bool) throws(IOError) {
    let listener = try Listener.start(descriptor, on: loop, isShared: isShared) {
      [unowned self] socket, address in
      accept(socket, address)
    }
    listeners.append(listener)
  }

  /// Accepts the processes that connect to `listener` on shared memory.
  func listen(_ listener: SharedMemoryListener, isShared: Bool) throws(IOError) {
    listeners.append(
      try SharedMemoryAcceptor(listener, on: loop, isShared: isShared) { [unowned self] pending in
        let connection = SharedMemoryServerConnection(pending, server: self)
        accepted(connection, connection.start)
      })
  }

  /// Stops listening. Before the loop runs, any thread.
  func closeListeners() {
    for listener in listeners { listener.close() }
    listeners.removeAll()
  }

  /// Takes the near end of a connection inside the process; closes it when there is no room or the server stops.
  func acceptInMemory(_ descriptor: Int32) {
    let socket = StreamSocket(descriptor: descriptor, loop: loop)
    guard !isDraining, connections.count < maxConnections else { return socket.close() }
    accept(socket, .sameProcess)
  }

  private func accept(_ socket: StreamSocket, _ address: PeerAddress) {
    let connection = ServerConnection(socket, address, server: self)
    accepted(connection, connection.start)
  }

  private func accepted(_ connection: any LoopConnection, _ start: () throws -> Void) {
    connection.index = connections.count
    connections.append(connection)
    counts?.connectionOpened()
    do {
      try start()
    } catch {
      environment.dispatcher.logger.log(.error, "\(error)")
      connection.close()
    }
    if connections.count >= maxConnections {
      for listener in listeners { listener.setPaused(true) }
    }
  }

  func connectionClosed(_ connection: any LoopConnection) {
    counts?.connectionClosed()
    let last = connections.removeLast()
    if last !== connection {
      connections[connection.index] = last
      last.index = connection.index
    }
    if connections.count == maxConnections - 1 {
      for listener in listeners { listener.setPaused(false) }
    }
    finishDraining()
  }

  /// Takes no new connections and calls, and returns when the last call has ended, at the latest after
  /// `grace`. Any thread.
  func shutDown(grace: Duration) async {
    await withTaskExecutorPreference(loop) {
      await withCheckedContinuation { continuation in
        beginDraining(continuation, grace: grace.clampedNanoseconds)
      }
      environment.dispatcher.shutDown()
      for timer in timers { loop.cancel(timer) }
      signals?.close()
      loop.stop()
    }
  }

  private func beginDraining(_ continuation: CheckedContinuation<Void, Never>, grace: UInt64) {
    // What has connected already is served; what comes later is refused.
    for listener in listeners { listener.acceptWaiting() }
    isDraining = true
    closeListeners()
    drained = continuation
    environment.dispatcher.whenIdle { [unowned self] in finishDraining() }
    for connection in connections { connection.drain() }
    finishDraining()
    after(min(Self.pingNanoseconds, grace)) { [unowned self] in
      for connection in connections { connection.drain() }
    }
    after(grace) { [unowned self] in closeAll() }
  }

  /// Closes every connection, which cancels their calls. The handlers get a moment to end; one that does not
  /// heed its cancellation is not waited for, and goes on without the loop's thread (``EventLoop``).
  func closeAll() {
    while let connection = connections.last { connection.close() }
    after(Self.handlerNanoseconds) { [unowned self] in finishDraining(anyway: true) }
  }

  /// Calls `action` with the number of each SIGTERM and SIGINT and how many came before it.
  func watchSignals(_ action: @escaping (Int32, Int) -> Void) throws(IOError) {
    var count = 0
    signals = try SignalWatch.start(on: loop) { number in
      action(number, count)
      count += 1
    }
  }

  private func finishDraining(anyway: Bool = false) {
    guard anyway || (connections.isEmpty && environment.dispatcher.activeCount == 0) else { return }
    drained?.resume()
    drained = nil
  }

  private func after(_ nanoseconds: UInt64, _ action: @escaping () -> Void) {
    let timer = Timer(action: action)
    timers.append(timer)
    loop.schedule(timer, at: loop.now + min(nanoseconds, UInt64.max / 4))
  }
}
