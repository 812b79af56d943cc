// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruIO
import AmaruProtocols
import AmaruTLS

/// What a channel has on its loop: the addresses, their connections, and the calls that wait for one. Confined to
/// its loop, but for `init`.
final class ChannelCore: @unchecked Sendable {
  /// The wait before the next address is tried beside one that has not answered (RFC 8305 5).
  private static let attemptDelayNanoseconds: UInt64 = 250_000_000

  let loop: EventLoop
  let options: ChannelOptions
  let environment: ClientEnvironment
  let httpLimits: HTTPLimits
  let memory = SessionMemory()
  /// The certificates; nil without TLS.
  let tls: TLSContextSource?
  private(set) lazy var tlsBuffers = TLSBuffers()
  /// The name that a server's certificate must have: the host of the authority.
  let serverName: String
  private let resolution: NameResolution
  private let deadlines: LoopDeadlines
  private var retries: Retries
  private var backends: [Backend] = []
  private var waiting: [CallWaiter] = []
  private var attemptTimer: Timer?
  private var idleTimer: Timer?
  private(set) var isShutDown = false
  private var drained: [CheckedContinuation<Void, Never>] = []

  init(
    _ target: ChannelTarget, _ options: ChannelOptions, loop: EventLoop
  ) throws(TLSError) {
    self.loop = loop
    self.options = options
    resolution = NameResolution(options.resolver ?? target.resolver, options.backoff, on: loop)
    retries = Retries(options.serviceConfig)
    deadlines = LoopDeadlines(loop)
    let tls: TLSContextSource? =
      if let settings = options.tls {
        try TLSContextSource(settings, logger: .standardError, now: 0)
      } else {
        nil
      }
    self.tls = tls
    let authority = options.authority ?? target.authority
    serverName = Self.host(of: authority)
    let prefix = options.userAgentPrefix.isEmpty ? "" : options.userAgentPrefix + " "
    environment = ClientEnvironment(
      limits: options.limits, executor: loop, deadlines: deadlines, isSecure: tls != nil,
      authority: authority, userAgent: prefix + "grpc-swift-amaru/0.1")
    httpLimits = HTTPLimits(options.limits)
    resolution.changed = { [unowned self] addresses in resolved(addresses) }
  }

  /// An authority without its port.
  private static func host(of authority: String) -> String {
    guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else {
      return authority
    }
    return String(authority[..<colon])
  }

  // MARK: Calls

  /// A call on a connection of the server that the balancer picks, waiting for one as the options say.
  func startCall(
    _ method: MethodDescriptor, _ options: CallOptions
  ) async throws -> ClientCall {
    let options = configured(method, options)
    while true {
      if let call = try startNow(method, options) { return call }
      if let failure = failure, !(options.waitsForReady ?? false) {
        throw RPCError(.unavailable, failure)
      }
      try await waitForChange(options.deadline)
    }
  }

  /// The options with what the service config says of the method.
  private func configured(_ method: MethodDescriptor, _ options: CallOptions) -> CallOptions {
    guard let config = self.options.serviceConfig.config(method) else { return options }
    var options = options
    if options.waitsForReady == nil { options.waitsForReady = config.waitsForReady }
    // The time of the config is for all attempts; the first sets it.
    if let timeout = config.timeout, options.previousAttempts == 0 {
      options.deadline = options.deadline.smaller(.after(timeout))
    }
    options.maxRequestBytes = options.maxRequestBytes.smaller(config.maxRequestBytes)
    options.maxResponseBytes = options.maxResponseBytes.smaller(config.maxResponseBytes)
    return options
  }

  func retryDelay(_ call: ClientCall, attempt: Int, error: RPCError) -> Duration? {
    retries.delay(call, attempt: attempt, error: error)
  }

  func callSucceeded() { retries.succeeded() }

  private func startNow(
    _ method: MethodDescriptor, _ options: CallOptions
  ) throws(RPCError) -> ClientCall? {
    guard !isShutDown else { throw RPCError(.unavailable, "the channel was closed") }
    guard let backend = pick() else {
      connect()
      return nil
    }
    return try backend.connectionForCall()?.startCall(method, options)
  }

  /// The server of the next call; nil when none is ready.
  private func pick() -> Backend? {
    // A policy that needs one connection has no choice: the first that is ready is the only one.
    guard options.loadBalancer.connectsToAll else { return backends.first { $0.isReady } }
    let ready = backends.filter { $0.isReady }
    guard ready.count > 1 else { return ready.first }
    let index = options.loadBalancer.pick(
      ready.map { ServerLoad(address: $0.address.description, callsInFlight: $0.callCount) })
    return ready.indices.contains(index) ? ready[index] : ready[0]
  }

  /// Why calls that do not wait fail now; nil when a connection is there or being made.
  private var failure: String? {
    if backends.isEmpty { return resolution.failure }
    guard backends.allSatisfy({ $0.isBackingOff && !$0.isReady }) else { return nil }
    return backends.compactMap(\.failure).first ?? "no server can be reached"
  }

  var state: ConnectivityState {
    if isShutDown { return .shutdown }
    if backends.contains(where: { $0.isReady }) { return .ready }
    if failure != nil { return .transientFailure }
    return resolution.isRunning || backends.contains { $0.isConnecting } ? .connecting : .idle
  }

  private func waitForChange(_ deadline: Deadline?) async throws {
    let waiter = CallWaiter(deadlines)
    waiting.append(waiter)
    try await waiter.wait(until: deadline) {
      self.failure ?? self.backends.compactMap(\.failure).first ?? "no connection yet"
    }
  }

  private func wakeWaiting() {
    let woken = waiting
    waiting = []
    for waiter in woken { waiter.wake() }
  }

  /// A call has ended: another may have room.
  func callEnded() {
    if !waiting.isEmpty { wakeWaiting() }
    if isShutDown { finishDraining() }
  }

  // MARK: Connecting

  /// Leaves idleness.
  func connect() {
    guard !isShutDown else { return }
    guard !backends.isEmpty else { return resolution.start() }
    if options.loadBalancer.connectsToAll {
      for backend in backends where !backend.isReady { backend.connect() }
    } else if !backends.contains(where: { $0.isReady || $0.isConnecting }) {
      tryNext()
    }
  }

  /// Of a policy that needs one connection: tries the next address, and the one after it when that takes long.
  private func tryNext() {
    cancel(&attemptTimer)
    guard !isShutDown, !backends.contains(where: { $0.isReady }),
      let next = backends.first(where: { !$0.isConnecting && !$0.isBackingOff })
    else { return }
    next.connect()
    guard backends.contains(where: { !$0.isConnecting && !$0.isBackingOff }) else { return }
    let timer = Timer { [unowned self] in tryNext() }
    attemptTimer = timer
    loop.schedule(timer, at: loop.now + Self.attemptDelayNanoseconds)
  }

  func backendChanged(_ backend: Backend) {
    // One whose address is gone only ends its calls.
    guard backends.contains(where: { $0 === backend }) else { return finishDraining() }
    if options.loadBalancer.connectsToAll {
      if !isShutDown, !backend.isReady, !backend.isBackingOff { backend.connect() }
    } else if backend.isReady {
      cancel(&attemptTimer)
      for other in backends where other !== backend { other.stopConnecting() }
    } else if backend.isBackingOff {
      tryNext()
    }
    // The addresses may have moved.
    if backend.failure != nil { resolution.startAgain() }
    wakeWaiting()
    finishDraining()
    scheduleIdleCheck()
  }

  func backoffEnded(_ backend: Backend) {
    // Without a call that wants one, a single connection is made only when it is needed.
    if options.loadBalancer.connectsToAll || !waiting.isEmpty { connect() }
  }

  private func cancel(_ timer: inout Timer?) {
    if let timer { loop.cancel(timer) }
    timer = nil
  }

  // MARK: Resolving

  /// The name has been resolved, or, with nil, could not be.
  private func resolved(_ addresses: [ResolvedAddress]?) {
    if let addresses {
      adopt(addresses)
      connect()
    }
    wakeWaiting()
  }

  /// Keeps the backends of addresses that are still there, ends the others.
  private func adopt(_ addresses: [ResolvedAddress]) {
    var known: [ResolvedAddress: Backend] = [:]
    for backend in backends { known[backend.address] = backend }
    var adopted: [Backend] = []
    var seen: Set<ResolvedAddress> = []
    for address in Self.interleaved(addresses) where seen.insert(address).inserted {
      adopted.append(known.removeValue(forKey: address) ?? Backend(address, owner: self))
    }
    backends = adopted
    for gone in known.values { gone.shutDown(now: false) }
  }

  /// IPv6 and IPv4 in turn, beginning with the first (RFC 8305 4).
  private static func interleaved(_ addresses: [ResolvedAddress]) -> [ResolvedAddress] {
    guard let first = addresses.first else { return [] }
    let same = addresses.filter { $0.isIPv6 == first.isIPv6 }
    let other = addresses.filter { $0.isIPv6 != first.isIPv6 }
    var mixed: [ResolvedAddress] = []
    for index in 0..<max(same.count, other.count) {
      if index < same.count { mixed.append(same[index]) }
      if index < other.count { mixed.append(other[index]) }
    }
    return mixed
  }

  // MARK: Idleness and the end

  private func scheduleIdleCheck() {
    guard idleTimer == nil, !isShutDown, backends.contains(where: { $0.isReady }) else { return }
    let wait = options.idleTimeout.clampedNanoseconds
    let timer = Timer { [unowned self] in
      idleTimer = nil
      let now = loop.now
      for backend in backends { backend.closeIdle(before: now > wait ? now - wait : 0) }
      scheduleIdleCheck()
    }
    idleTimer = timer
    loop.schedule(timer, at: loop.now &+ max(wait / 2, 10_000_000))
  }

  /// Starts no further calls; returns when the running ones have ended.
  func shutDown() async {
    beginShutDown(now: false)
    await withCheckedContinuation { continuation in
      drained.append(continuation)
      finishDraining()
    }
  }

  /// Starts no further calls; running ones go on, unless `now`.
  func beginShutDown(now: Bool) {
    isShutDown = true
    resolution.stop()
    cancel(&attemptTimer)
    cancel(&idleTimer)
    for backend in backends { backend.shutDown(now: now) }
    wakeWaiting()
  }

  private func finishDraining() {
    guard isShutDown, !drained.isEmpty, backends.allSatisfy({ $0.callCount == 0 }) else { return }
    let waiting = drained
    drained = []
    for continuation in waiting { continuation.resume() }
  }
}
