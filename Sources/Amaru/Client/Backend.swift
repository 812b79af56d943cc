// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruIO
import AmaruProtocols
import AmaruSharedMemory

/// One address of a channel with its connections: makes them, waits after failures, counts. Confined to its loop.
///
/// ```
///   idle --connect--> connecting --established--> ready --last connection gone--> idle
///                         |  ^
///                       failed --backoff over--
/// ```
final class Backend {
  let address: ResolvedAddress
  private unowned let owner: ChannelCore
  private var connections: [any BackendConnection] = []
  private var connector: Connector?
  private var attempt: (any BackendConnection)?
  private var attemptTimer: Timer?
  private var backoffTimer: Timer?
  private var failures = 0
  /// Asks for its health, over one of the connections.
  private var health: HealthWatch?
  private var circuit: Circuit?
  /// Why the last attempt failed; nil after success.
  private(set) var failure: String?

  init(_ address: ResolvedAddress, owner: ChannelCore) {
    self.address = address
    self.owner = owner
    circuit = owner.options.circuitBreaker.map(Circuit.init)
  }

  /// Whether a call can be started now or when others have ended.
  var isReady: Bool { isConnected && !isHealthAwaited && !isUnhealthy }
  var isConnected: Bool { connections.contains { $0.isOpen } }
  /// Whether its health is asked for and it has not answered.
  private var isHealthAwaited: Bool {
    owner.healthService != nil && health?.state ?? .unknown == .unknown
  }
  /// Whether it said that it does not serve.
  var isUnhealthy: Bool { health?.state == .notServing }
  var isConnecting: Bool { connector != nil || attempt != nil }
  /// Whether it waits before the next attempt.
  var isBackingOff: Bool { backoffTimer != nil }
  var callCount: Int { connections.reduce(0) { $0 + $1.callCount } }

  // MARK: Calls

  /// A connection for another call; nil while the one that it needs is being made.
  private func connectionForCall() -> (any BackendConnection)? {
    if let connection = connections.first(where: { $0.hasRoom }) { return connection }
    let least = connections.filter { $0.isOpen }.min { $0.callCount < $1.callCount }
    guard let least else { return nil }
    if connections.count >= owner.options.maxConnectionsPerAddress || isBackingOff { return least }
    connect()
    return nil
  }

  /// Starts a call; nil while the connection that it needs is being made.
  func startCall(
    _ method: MethodDescriptor, _ options: CallOptions
  ) throws(RPCError) -> ClientCall? {
    guard let call = try connectionForCall()?.startCall(method, options, isLoad: true) else {
      return nil
    }
    if let pass = circuit?.began() {
      call.whenEnded { [weak self] call in
        guard let self else { return }
        let before = circuit?.state
        circuit?.ended(pass, call.failure, now: owner.loop.now)
        if before != circuit?.state { owner.publishBackends() }
      }
    }
    return call
  }

  /// Why its circuit breaker lets no call pass; nil when it does.
  func circuitRefusal() -> String? {
    let before = circuit?.state
    let refusal = circuit?.refusal(now: owner.loop.now)
    if before != circuit?.state { owner.publishBackends() }
    return refusal
  }

  var state: BackendState {
    let connectivity: ConnectivityState =
      isReady
      ? .ready
      : isBackingOff || isUnhealthy
        ? .transientFailure : isConnecting || isConnected ? .connecting : .idle
    return BackendState(
      address: address.description, connectivity: connectivity, connections: connections.count,
      callsInFlight: callCount, circuit: circuit?.state)
  }

  /// Whether nobody else can read what is sent to it.
  var isPrivate: Bool { owner.tls != nil || address.isLocal }

  // MARK: Connecting

  /// Begins to make a connection, unless that is being done or waited for.
  func connect() {
    guard !isConnecting, !isBackingOff else { return }
    let timer = Timer { [unowned self] in
      attemptTimer = nil
      connector?.cancel()
      connector = nil
      if let attempt {
        attempt.close()
      } else {
        failed("\(address) did not answer in time")
      }
    }
    attemptTimer = timer
    owner.loop.schedule(
      timer, at: owner.loop.now &+ owner.options.connectTimeout.clampedNanoseconds)
    do throws(IOError) {
      if let dial = owner.dial { return begin(try dial(owner.loop)) }
      if let name = address.sharedMemoryName { return begin(sharedMemory: name) }
      connector = try Connector.start(address, on: owner.loop) { [unowned self] result in
        connector = nil
        switch result {
        case .success(let socket): begin(socket)
        case .failure(let error): failed(error.description)
        }
      }
    } catch {
      failed(error.description)
    }
  }

  /// Gives up an attempt that is going on.
  func stopConnecting() {
    connector?.cancel()
    connector = nil
    cancelAttemptTimer()
    let connection = attempt
    attempt = nil
    connection?.close()
  }

  private func begin(_ socket: StreamSocket) {
    let connection = ClientConnection(
      socket, peer: address.description, limits: owner.httpLimits, memory: owner.memory,
      environment: owner.environment, keepalive: owner.keepalive, loop: owner.loop
    ) { [weak self] connection, event in self?.happened(event, to: connection) }
    guard let connection else { return failed("no memory for a connection") }
    attempt = connection
    do {
      try connection.start(
        owner.tls.map { tls in
          (tls.context(now: owner.loop.now), owner.serverName, owner.tlsBuffers)
        })
    } catch {
      attempt = nil
      connection.close()
      failed("\(error)")
    }
  }

  private func begin(sharedMemory name: String) {
    let connection: SharedMemoryClientConnection
    do throws(SharedMemoryError) {
      connection = try SharedMemoryClientConnection(
        name, peer: address.description, environment: owner.environment, loop: owner.loop
      ) { [weak self] connection, event in self?.happened(event, to: connection) }
    } catch {
      return failed("\(error)")
    }
    attempt = connection
    do throws(IOError) {
      try connection.start()
    } catch {
      attempt = nil
      connection.close()
      failed("\(error)")
    }
  }

  private func happened(_ event: BackendEvent, to connection: any BackendConnection) {
    switch event {
    case .established:
      guard connection === attempt else { return }
      attempt = nil
      cancelAttemptTimer()
      failures = 0
      failure = nil
      connections.append(connection)
      watchHealth()
      owner.backendChanged(self)
    case .goesAway(let forPings):
      if forPings { owner.pingLess() }
      watchHealth()
      owner.backendChanged(self)
    case .callEnded: owner.callEnded()
    case .closed:
      if connection === attempt {
        attempt = nil
        let inTime = attemptTimer != nil
        return failed(connection.failure(inTime: inTime))
      }
      connections.removeAll { !$0.isOpen && $0.callCount == 0 }
      watchHealth()
      owner.backendChanged(self)
    }
  }

  /// Asks for the health over a connection that is open, where the channel wants to know it.
  private func watchHealth() {
    guard let service = owner.healthService else { return }
    if let health, health.connection.isOpen { return }
    health?.stop()
    health = connections.first { $0.isOpen }.map { connection in
      HealthWatch(
        service, on: connection, loop: owner.loop, backoff: owner.options.backoff
      ) { [unowned self] in owner.backendChanged(self) }
    }
  }

  private func failed(_ reason: String) {
    cancelAttemptTimer()
    failures += 1
    failure = reason
    let timer = Timer { [unowned self] in
      backoffTimer = nil
      owner.backoffEnded(self)
    }
    backoffTimer = timer
    let delay = owner.options.backoff.delay(after: failures)
    owner.loop.schedule(timer, at: owner.loop.now &+ delay.clampedNanoseconds)
    owner.backendChanged(self)
  }

  private func cancelAttemptTimer() {
    if let attemptTimer { owner.loop.cancel(attemptTimer) }
    attemptTimer = nil
  }

  // MARK: Ending

  /// Closes connections that have had no call for a while.
  func closeIdle(before time: UInt64) {
    for connection in connections where connection.callCount == 0 && connection.idleSince <= time {
      drain(connection)
    }
  }

  /// Takes no further calls; running ones go on, unless `now`.
  func shutDown(now: Bool) {
    stopConnecting()
    if let backoffTimer { owner.loop.cancel(backoffTimer) }
    backoffTimer = nil
    for connection in connections { now ? connection.close() : drain(connection) }
  }

  private func drain(_ connection: any BackendConnection) {
    if health?.connection === connection {
      health?.stop()
      health = nil
    }
    connection.drain()
  }
}
