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
  static let attemptDelayNanoseconds: UInt64 = 250_000_000

  let loop: EventLoop
  let options: ChannelOptions
  let environment: ClientEnvironment
  let httpLimits: HTTPLimits
  let memory = SessionMemory()
  /// The certificates; nil without TLS.
  let tls: TLSContextSource?
  private(set) lazy var tlsBuffers = TLSBuffers()
  /// Makes a connection without an address; nil where the addresses are connected to.
  let dial: ChannelTarget.Dial?
  /// The service whose health the servers are asked for; nil where it is not.
  let healthService: String?
  /// The host that calls are for, as in a URL.
  let authority: String
  /// The name that a server's certificate must have: the host of the authority.
  let serverName: String
  let resolution: NameResolution
  let deadlines: LoopDeadlines
  /// The options' keepalive, with the interval that the servers bear.
  private(set) var keepalive: Keepalive?
  private var retries: Retries
  /// What the channel counts; nil without metrics.
  let counts: ClientCounts?
  var backends: [Backend] = []
  var waiting: [CallWaiter] = []
  var attemptTimer: Timer?
  private var idleTimer: Timer?
  private(set) var isShutDown = false
  private var drained: [CheckedContinuation<Void, Never>] = []

  init(
    _ target: ChannelTarget, _ options: ChannelOptions, loop: EventLoop
  ) throws(TLSError) {
    self.loop = loop
    self.options = options
    keepalive = options.keepalive
    dial = target.dial
    healthService =
      options.loadBalancer.connectsToAll ? options.serviceConfig.healthCheckService : nil
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
    authority = options.authority ?? target.authority
    serverName = Self.host(of: authority)
    let target = authority
    counts = options.metrics.map { _ in ClientCounts(target: target, loop: loop) }
    let prefix = options.userAgentPrefix.isEmpty ? "" : options.userAgentPrefix + " "
    environment = ClientEnvironment(
      limits: options.limits, executor: loop, deadlines: deadlines, isSecure: tls != nil,
      authority: authority, userAgent: prefix + "grpc-swift-amaru/0.1")
    httpLimits = HTTPLimits(options.limits)
    resolution.changed = { [unowned self] addresses in resolved(addresses) }
    if let counts { options.metrics?.add(counts) }
    if dial != nil { adopt([.sameProcess]) }
  }

  /// An authority without its port.
  private static func host(of authority: String) -> String {
    guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else {
      return authority
    }
    return String(authority[..<colon])
  }

  // MARK: Calls

  /// An attempt at a call, inside the interceptors from `index` on.
  func startCall(
    _ method: MethodDescriptor, _ options: CallOptions, interceptor index: Int = 0
  ) async throws -> ClientCall {
    guard index < self.options.interceptors.count else {
      return try await connectCall(method, options)
    }
    return try await self.options.interceptors[index].intercept(method, options) {
      [self] method, options in
      try await startCall(method, options, interceptor: index + 1)
    }
  }

  /// A call, when nothing has to be waited for and asked; else nil.
  func startReadyCall(
    _ method: MethodDescriptor, _ options: CallOptions
  ) throws(RPCError) -> ClientCall? {
    guard self.options.interceptors.isEmpty, !hasCredentials(options) else { return nil }
    return try startNow(method, configured(method, options))
  }

  /// A call on a connection of the server that the balancer picks, waiting for one as the options say.
  private func connectCall(
    _ method: MethodDescriptor, _ options: CallOptions
  ) async throws -> ClientCall {
    var options = configured(method, options)
    if hasCredentials(options) { try await addCredentials(method, &options) }
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

  func callEnded(_ method: MethodDescriptor, _ call: ClientCall?, _ failure: RPCError?) {
    if failure == nil { retries.succeeded() }
    counts?.callEnded(
      method, since: call?.beganNanoseconds ?? loop.now, failure,
      call?.trafficSoFar ?? CallTraffic())
  }

  func hedging(_ method: MethodDescriptor) -> HedgingPolicy? {
    options.serviceConfig.config(method)?.hedging
  }

  func hedgeDelay(after error: RPCError?) -> Duration? { retries.hedgeDelay(after: error) }

  func retryBufferBytes(_ method: MethodDescriptor) -> Int {
    options.serviceConfig.config(method)?.retry == nil ? 0 : options.retryBufferBytes
  }

  private func startNow(
    _ method: MethodDescriptor, _ options: CallOptions
  ) throws(RPCError) -> ClientCall? {
    guard !isShutDown else { throw RPCError(.unavailable, "the channel was closed") }
    if hasCredentials(options), !self.options.sendsCredentialsInPlaintext,
      let exposed = backends.first(where: { !$0.isPrivate })
    {
      throw RPCError(
        .unauthenticated,
        "credentials are not sent to \(exposed.address) in plaintext; set ChannelOptions.tls")
    }
    guard let backend = try pick(avoiding: options.triedPeers) else {
      connect()
      return nil
    }
    let call = try backend.startCall(method, options)
    if let counts, let call {
      call.beganNanoseconds = options.beganNanoseconds
      counts.attemptBegan(call, isRepeated: options.previousAttempts > 0)
    }
    return call
  }

  /// A server was pinged too often: connections from here on ping half as often.
  func pingLess() { keepalive?.interval *= 2 }

  // MARK: Credentials

  private func hasCredentials(_ options: CallOptions) -> Bool {
    self.options.credentials != nil || options.credentials != nil
  }

  /// Adds the metadata of the channel's credentials and those of the call.
  private func addCredentials(
    _ method: MethodDescriptor, _ options: inout CallOptions
  ) async throws {
    for credentials in [self.options.credentials, options.credentials] {
      guard let credentials else { continue }
      do {
        options.metadata.append(
          try await credentials.metadata(for: method, authority: authority))
      } catch let error as RPCError {
        throw error
      } catch {
        throw RPCError(.unavailable, "no credentials for the call: \(error)")
      }
    }
  }

  // MARK: Idleness and the end

  func scheduleIdleCheck() {
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

  func finishDraining() {
    guard isShutDown, !drained.isEmpty, backends.allSatisfy({ $0.callCount == 0 }) else { return }
    let waiting = drained
    drained = []
    for continuation in waiting { continuation.resume() }
  }
}
