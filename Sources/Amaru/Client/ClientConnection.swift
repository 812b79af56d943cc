// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruIO
import AmaruProtocols
import AmaruTLS

/// One connection of a client: joins a socket, HTTP/2 and the calls. Confined to its loop.
final class ClientConnection: ByteStreamHandler, HTTPClientOwner, CallConnection, TLSStreamOwner,
  BackendConnection,
  @unchecked Sendable
{
  /// Where it goes, as gRPC names addresses.
  let peer: String
  private let environment: ClientEnvironment
  private let socket: StreamSocket
  private unowned let loop: EventLoop
  @exclusivity(unchecked) private var http: HTTP2Connection?
  /// The server's settings are there.
  @exclusivity(unchecked) private(set) var isEstablished = false
  @exclusivity(unchecked) private var isClosed = false
  /// We have ended it, and not the peer.
  @exclusivity(unchecked) private var isEnding = false
  /// Why TLS could not go on; nil while it does.
  @exclusivity(unchecked) private var tlsFailure: String?
  @exclusivity(unchecked) private var usesTLS = false
  /// Who the server proved to be by its certificate; set before the first call, and never changed.
  @exclusivity(unchecked) private(set) var peerIdentity: PeerIdentity?
  /// When the last call ended.
  @exclusivity(unchecked) private(set) var idleSince: UInt64
  @exclusivity(unchecked) private(set) var lossReason: String?
  @exclusivity(unchecked) private var lastReceived: UInt64
  @exclusivity(unchecked) private var keepalive: KeepaliveClock?
  @exclusivity(unchecked) private var keepaliveTimer: Timer?
  /// The calls that do not count as load.
  @exclusivity(unchecked) private var otherCalls = 0
  /// Called with what happens to the connection.
  @exclusivity(unchecked) private var report: ((any BackendConnection, BackendEvent) -> Void)?

  /// A connection over `socket`; nil when there is no memory for it.
  init?(
    _ socket: StreamSocket, peer: String, limits: HTTPLimits, memory: SessionMemory,
    environment: ClientEnvironment, keepalive: Keepalive?, loop: EventLoop,
    report: @escaping (any BackendConnection, BackendEvent) -> Void
  ) {
    self.peer = peer
    self.socket = socket
    self.environment = environment
    self.loop = loop
    self.report = report
    idleSince = loop.now
    lastReceived = loop.now
    self.keepalive = keepalive.map(KeepaliveClock.init)
    http = HTTP2Connection(limits: limits, memory: memory, client: self, now: loop.now)
    guard http != nil else { return nil }
    socket.handler = self
  }

  /// Begins to talk, with TLS where `tls` is there.
  func start(_ tls: (context: TLSContext, serverName: String, buffers: TLSBuffers)?) throws {
    if let tls {
      usesTLS = true
      socket.handler = try TLSStream.client(
        inner: self, context: tls.context, serverName: tls.serverName, buffers: tls.buffers,
        owner: self)
    }
    try socket.start()
  }

  var callCount: Int { (http?.streamCount ?? 0) - otherCalls }
  var isOpen: Bool { isEstablished && !isClosed && http?.canOpen ?? false }
  var hasRoom: Bool { isOpen && http?.streamCount ?? 0 < http?.maxOpenStreams ?? 0 }

  func startCall(
    _ method: MethodDescriptor, _ options: CallOptions, isLoad: Bool
  ) throws(RPCError) -> ClientCall? {
    guard let http, isOpen else { return nil }
    let call = try GRPCClientCall.start(
      method, options, environment: environment, on: http, connection: self, isLoad: isLoad)
    if !isLoad, call != nil { otherCalls += 1 }
    return call
  }

  func callClosed(_ call: GRPCClientCall) {
    if !call.isLoad { otherCalls -= 1 }
    idleSince = loop.now
    report?(self, .callEnded)
  }

  func drain() {
    http?.drain()
    socket.setNeedsFlush()
  }

  func close() {
    isEnding = true
    socket.close()
  }

  func failure(inTime: Bool) -> String {
    if let reason = tlsFailure { return "no TLS with \(peer): \(reason)" }
    if inTime {
      return "\(peer) closed the connection before its HTTP/2 settings came: does it speak gRPC?"
    }
    return usesTLS && peerIdentity == nil
      ? "\(peer) did not finish the TLS handshake in time"
      : "\(peer) sent no HTTP/2 settings in time"
  }

  // MARK: ByteStreamHandler

  func receive(_ bytes: UnsafeRawBufferPointer) {
    lastReceived = loop.now
    http?.receive(bytes, now: lastReceived)
  }

  func produce(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    http?.produce(into: buffer) ?? 0
  }
  var isDone: Bool { http?.isDone ?? true }

  func closed() {
    guard !isClosed else { return }
    isClosed = true
    if let keepaliveTimer { loop.cancel(keepaliveTimer) }
    keepaliveTimer = nil
    http?.lost()
    http = nil
    let report = report
    self.report = nil
    report?(self, .closed)
  }

  // MARK: TLSStreamOwner

  func handshakeFinished(_ handshake: TLSHandshake) {
    peerIdentity = handshake.peer
    socket.setNeedsFlush()
  }

  func tlsFailed(_ error: TLSError) { if !isEnding { tlsFailure = error.description } }

  func tlsHasOutput() { socket.setNeedsFlush() }

  // MARK: HTTPClientOwner

  func connectionHasOutput() { socket.setNeedsFlush() }

  func connectionEstablished() {
    guard !isEstablished else { return }
    isEstablished = true
    if keepalive != nil {
      keepaliveTimer = Timer { [unowned self] in checkPeer() }
      checkPeer()
    }
    report?(self, .established)
  }

  func connectionGoesAway(forPings: Bool) { report?(self, .goesAway(forPings: forPings)) }

  // MARK: Keepalive

  /// Pings a server that has been quiet for long; gives up one that does not answer.
  private func checkPeer() {
    guard let timer = keepaliveTimer else { return }
    let now = loop.now
    switch keepalive?.check(now: now, received: lastReceived, hasCalls: callCount > 0) {
    case .ping: http?.ping()
    case .close:
      lossReason = "the connection was given up: \(peer) did not answer a keepalive ping in time"
      return close()
    case .wait, nil: break
    }
    if let next = keepalive?.next(now: now, received: lastReceived) {
      loop.schedule(timer, at: next)
    }
  }
}
