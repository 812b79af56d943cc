// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import AmaruProtocols
import AmaruSharedMemory
import AmaruTLS
import Synchronization

/// Serves services over gRPC.
///
/// ```swift
/// let server = try Server([GreeterService()])
/// try await server.run()
/// ```
///
/// All members may be used from any thread.
public final class Server: Sendable {
  /// How the server serves.
  public let options: ServerOptions
  /// The health of the services, when ``ServerOptions/servesHealth`` is on.
  public let health: HealthService?
  private let router: Router
  private let bindings: HTTPBindings?
  /// Held while the loops are made, so that who asks at the same time finds all of them.
  private let starting = Mutex(())
  private let state = Mutex(State())

  private struct State {
    var phase = Phase.idle
    var loops: [ServerLoop] = []
    var threads: [LoopThread] = []
    var addresses: [SocketAddress] = []
    var metricsEndpoint: MetricsEndpoint?
    var waiting: [CheckedContinuation<Void, Never>] = []
    var nextLoop = 0
    /// The wait before calls are refused, while it goes on.
    var delay: Task<Void, Never>?
    var isHurried = false
  }

  private enum Phase { case idle, running, stopping, stopped }

  /// A server of `services`; it serves after ``start()`` or ``run(onListening:)``.
  /// - Throws: ``RouterError`` when two services have a method of the same name, reflection is
  ///   asked for and their descriptors do not fit together, or a route of ``ServerOptions/httpRoutes`` is wrong.
  public init(
    _ services: [any Service], options: ServerOptions = ServerOptions()
  ) throws(RouterError) {
    var options = options
    if options.servesMetrics || options.metricsAddress != nil, options.metrics == nil {
      options.metrics = Metrics()
    }
    self.options = options
    var services = services
    if options.servesMetrics, let metrics = options.metrics {
      services.append(ScrapeService(metrics))
    }
    if options.servesHealth {
      let health = HealthService()
      let names = Set(services.flatMap { $0.handlers }.map { $0.method.service })
      for name in names { health.setStatus(.serving, for: name) }
      services.append(health)
      self.health = health
    } else {
      health = nil
    }
    if options.servesReflection {
      do {
        services.append(try ReflectionService(for: services))
      } catch {
        throw .invalidDescriptors("\(error)")
      }
    }
    router = try Router(services, interceptors: options.interceptors)
    do throws(HTTPRuleError) {
      bindings = try options.httpRoutes.map { [router] routes throws(HTTPRuleError) in
        try HTTPBindings(router, routes)
      }
    } catch {
      throw .invalidRoute(error)
    }
  }

  /// Starts to serve and returns the addresses, with the ports that the system chose.
  /// - Throws: ``ServerError`` when an address cannot be listened on, a certificate or key cannot be used, or
  ///   the server was started before.
  @discardableResult
  public func start() async throws -> [SocketAddress] {
    guard !options.addresses.isEmpty else {
      throw ServerError("no address to listen on; give ServerOptions.addresses one")
    }
    return try starting.withLock { _ in try start(on: options.addresses) }
  }

  /// Starts without an address, unless the server runs.
  func startInMemory() throws {
    try starting.withLock { _ in
      if state.withLock({ $0.phase == .idle }) { try start(on: []) }
    }
  }

  /// A loop that runs; nil before the start and after the end. Any thread.
  var someLoop: EventLoop? {
    state.withLock { $0.phase == .running ? $0.loops.first?.loop : nil }
  }

  /// Takes the other end of a connection inside the process. Any thread.
  func accept(_ descriptor: Int32) {
    let loop = state.withLock { state -> ServerLoop? in
      guard state.phase == .running, !state.loops.isEmpty else { return nil }
      state.nextLoop = (state.nextLoop + 1) % state.loops.count
      return state.loops[state.nextLoop]
    }
    guard let loop else { return StreamSocket.discard(descriptor) }
    loop.loop.enqueueTask { loop.acceptInMemory(descriptor) }
  }

  @discardableResult
  private func start(on addresses: [SocketAddress]) throws -> [SocketAddress] {
    let mayStart = state.withLock { state in
      guard state.phase == .idle else { return false }
      state.phase = .running
      return true
    }
    guard mayStart else { throw ServerError("the server was started before; make a new one") }
    do {
      // The loops look at the files again: their clock is past 0.
      let tls = try options.tls.map { try TLSContextSource($0, logger: options.logger, now: 0) }
      return try startLoops(addresses, tls)
    } catch {
      state.withLock { $0.phase = .stopped }
      throw error as? ServerError ?? ServerError("\(error)")
    }
  }

  private func startLoops(
    _ wanted: [SocketAddress], _ tls: TLSContextSource?
  ) throws(IOError) -> [SocketAddress] {
    var loops: [ServerLoop] = []
    for _ in 0..<max(1, options.loops) {
      loops.append(try ServerLoop(router: router, bindings: bindings, options: options, tls: tls))
    }
    var addresses: [SocketAddress] = []
    do throws(IOError) {
      let endpoint = try startMetrics()
      do throws(IOError) {
        try listenAndRun(loops, on: wanted, &addresses)
      } catch {
        endpoint?.close()
        throw error
      }
      state.withLock { $0.metricsEndpoint = endpoint }
      return addresses
    } catch {
      for loop in loops { loop.closeListeners() }
      for address in addresses { address.removeSocketFile() }
      throw error
    }
  }

  /// Listens on every address, which it adds to `addresses`, and starts the threads.
  private func listenAndRun(
    _ loops: [ServerLoop], on wanted: [SocketAddress], _ addresses: inout [SocketAddress]
  ) throws(IOError) {
    for wanted in wanted {
      if case .sharedMemory(let name) = wanted {
        try listen(loops, sharedMemory: name)
        addresses.append(wanted)
        continue
      }
      var address = wanted
      let isUnix = if case .unix = wanted { true } else { false }
      if !isUnix, loops.count > 1 { address = try Listener.reserve(wanted) }
      var shared: Int32?
      for loop in loops {
        if let shared {
          try loop.listen(Listener.share(shared), isShared: true)
          continue
        }
        let bound = try Listener.bind(address, reusesPort: loops.count > 1)
        address = bound.address
        if isUnix { shared = bound.descriptor }
        try loop.listen(bound.descriptor, isShared: isUnix && loops.count > 1)
      }
      addresses.append(address)
    }
    var threads: [LoopThread] = []
    for loop in loops { threads.append(try LoopThread(running: loop.loop, for: loop)) }
    for loop in loops { if let counts = loop.counts { options.metrics?.add(counts) } }
    state.withLock { state in
      state.loops = loops
      state.threads = threads
      state.addresses = addresses
    }
  }

  private func listen(_ loops: [ServerLoop], sharedMemory name: String) throws(IOError) {
    let listener: SharedMemoryListener
    do throws(SharedMemoryError) {
      listener = try SharedMemoryListener(
        ServiceName(name),
        limits: PeerLimits(
          maxMessageBytes: UInt64(clamping: options.limits.maxReceivedMessageBytes),
          maxConcurrentCalls: UInt32(clamping: options.limits.maxConcurrentStreams)))
    } catch {
      throw IOError("listen on shm:\(name)", reason: "\(error)")
    }
    for loop in loops { try loop.listen(listener, isShared: loops.count > 1) }
  }

  private func startMetrics() throws(IOError) -> MetricsEndpoint? {
    guard let address = options.metricsAddress, let metrics = options.metrics else { return nil }
    return try MetricsEndpoint(metrics, listeningOn: address)
  }

  /// Where the metrics can be had; nil without ``ServerOptions/metricsAddress`` and before the server has started.
  public var metricsAddress: SocketAddress? { state.withLock { $0.metricsEndpoint?.address } }

  /// Where the server listens; empty before it has started.
  public var addresses: [SocketAddress] { state.withLock { $0.addresses } }

  /// Stops: turns the health to `NOT_SERVING`, after ``ServerOptions/drainDelay`` takes no new calls, and returns when the running ones have
  /// finished or `grace` (by default the options' own) has passed, when they are cancelled. A handler that
  /// does not end within a second of that is not waited for: it goes on by itself. A second call with no
  /// grace cancels them at once.
  public func shutdown(grace: Duration? = nil) async {
    let loops: [ServerLoop]? = state.withLock { state in
      guard state.phase == .running else { return nil }
      state.phase = .stopping
      return state.loops
    }
    guard let loops else {
      if grace == .zero {
        state.withLock { state in
          state.isHurried = true
          return state.delay
        }?.cancel()
        // Not waited for: the first call is.
        for loop in state.withLock({ $0.loops }) {
          Task(executorPreference: loop.loop) { loop.closeAll() }
        }
      }
      return await waitUntilStopped()
    }
    health?.beginShutDown()
    let grace = grace ?? options.shutdownGrace
    if grace > .zero { await waitForBalancers() }
    health?.endWatching()
    await withTaskGroup { group in
      for loop in loops { group.addTask { await loop.shutDown(grace: grace) } }
    }
    let (threads, waiting) = state.withLock { state in
      state.phase = .stopped
      defer {
        state.threads = []
        state.waiting = []
        state.loops = []
      }
      return (state.threads, state.waiting)
    }
    for thread in threads { thread.join() }
    for loop in loops { if let counts = loop.counts { options.metrics?.remove(counts) } }
    state.withLock { $0.metricsEndpoint }?.close()
    for address in addresses { address.removeSocketFile() }
    for continuation in waiting { continuation.resume() }
  }

  /// Waits for ``ServerOptions/drainDelay``, unless a shutdown without grace comes.
  private func waitForBalancers() async {
    guard options.drainDelay > .zero else { return }
    let delay = Task { [options] in _ = try? await Task.sleep(for: options.drainDelay) }
    let isHurried = state.withLock { state in
      state.delay = delay
      return state.isHurried
    }
    if isHurried { delay.cancel() }
    await delay.value
  }

  /// Returns when the server has stopped.
  public func waitUntilStopped() async {
    await withCheckedContinuation { continuation in
      let isStopped = state.withLock { state in
        guard state.phase == .running || state.phase == .stopping else { return true }
        state.waiting.append(continuation)
        return false
      }
      if isStopped { continuation.resume() }
    }
  }

  /// Starts to serve, calls `onListening` with the addresses, and shuts down on SIGTERM or SIGINT; a second
  /// signal ends the running calls at once.
  /// - Throws: ``ServerError`` when it cannot start.
  public func run(onListening: ([SocketAddress]) -> Void = { _ in }) async throws {
    let addresses = try await start()
    await watchSignals()
    onListening(addresses)
    await waitUntilStopped()
  }

  private func watchSignals() async {
    guard let first = state.withLock({ $0.loops.first }) else { return }
    let logger = options.logger
    await first.loop.perform { [self] in
      do throws(IOError) {
        try first.watchSignals { [self] number, before in
          logger.log(
            .info,
            before == 0
              ? "signal \(number): shutting down, running calls finish"
              : "signal \(number): stopping at once")
          Task { await self.shutdown(grace: before == 0 ? nil : .zero) }
        }
      } catch {
        logger.log(.error, "\(error)")
      }
    }
  }
}
