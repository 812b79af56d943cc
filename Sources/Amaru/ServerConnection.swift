// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruIO
import AmaruProtocols
import AmaruTLS

/// One connection of a server: joins a socket, HTTP and the protocols. Confined to its loop.
///
/// ```
///   socket bytes --> first bytes tell the version --> HTTP2Connection or HTTP1Connection
///                                                      --> ProtocolSelection --> a call --> dispatcher
/// ```
///
/// With TLS, a ``TLSStream`` stands before it, and its handshake may tell the version.
final class ServerConnection: ByteStreamHandler, HTTPServerOwner, CallConnection,
  TLSStreamOwner, LoopConnection,
  @unchecked Sendable
{
  /// Requests that one turn takes of those that were sent one after another without waiting.
  private static let maxResumesPerTurn = 64

  private let address: PeerAddress
  private unowned let server: ServerLoop
  private let socket: StreamSocket
  private let opened: UInt64
  private let counts: ServerCounts?
  @exclusivity(unchecked) private var http: (any HTTPServerConnection)?
  @exclusivity(unchecked) private var sniffer = PrefaceSniffer()
  /// The version that TLS has agreed upon; nil when the first bytes tell it.
  @exclusivity(unchecked) private var agreedVersion: PrefaceSniffer.Verdict?
  @exclusivity(unchecked) private var isHTTP1 = false
  @exclusivity(unchecked) private var timer: Timer?
  @exclusivity(unchecked) private var lastCall: UInt64
  @exclusivity(unchecked) private var lastReceived: UInt64
  @exclusivity(unchecked) private var keepalive: KeepaliveClock?
  /// When it is too old for further calls.
  private let expiry: UInt64
  @exclusivity(unchecked) private var isAged = false
  /// With TLS: the handshake is done.
  @exclusivity(unchecked) private var hasShakenHands = false
  /// We have ended it, and not the peer.
  @exclusivity(unchecked) private var isEnding = false
  /// Who the client is, by TLS; set before the first call, and never changed.
  @exclusivity(unchecked) private(set) var peerIdentity: PeerIdentity?
  /// Its place among the loop's connections.
  @exclusivity(unchecked) var index = 0

  init(_ socket: StreamSocket, _ address: PeerAddress, server: ServerLoop) {
    self.socket = socket
    self.address = address
    self.server = server
    opened = server.loop.now
    counts = server.counts
    lastCall = opened
    lastReceived = opened
    keepalive = server.keepalive.map(KeepaliveClock.init)
    expiry = server.connectionExpiry()
    socket.handler = self
    let timer = Timer { [unowned self] in checkTime() }
    self.timer = timer
    server.loop.schedule(timer, at: opened + server.checkIntervalNanoseconds)
  }

  /// Begins to read, with TLS if the server has it. An error leaves the connection to be closed.
  func start() throws {
    if let tls = server.tls {
      socket.handler = try TLSStream.server(
        inner: self, context: tls.context(now: server.loop.now), buffers: server.tlsBuffers,
        owner: self)
    }
    try socket.start()
  }

  var peer: String { address.description }

  /// Lets the running calls finish and takes no new ones; the second time, does not wait for the peer's
  /// acknowledgement.
  func drain() {
    if let http { http.drain() } else { close() }
  }

  /// Closes the connection at once.
  func close() {
    isEnding = true
    socket.close()
  }

  // MARK: ByteStreamHandler

  func receive(_ bytes: UnsafeRawBufferPointer) {
    lastReceived = server.loop.now
    let isFirst = http == nil
    counts?.received(bytes.count)
    guard let http = http ?? begin(bytes) else { return }
    http.receive(bytes, now: lastReceived)
    if isFirst, server.isDraining { http.drain() }
    server.environment.dispatcher.drain()
    if http.streamCount > 0 { lastCall = lastReceived }
    socket.setPaused(!http.wantsBytes)
  }

  func produce(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard let http else { return 0 }
    var count = http.produce(into: buffer)
    // What waited for a response to be whole, or for room, goes on here.
    var resumes = 0
    while http.canResume, count < buffer.count / 2, resumes < Self.maxResumesPerTurn {
      resumes += 1
      http.resume(now: server.loop.now)
      server.environment.dispatcher.drain()
      count += http.produce(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
    }
    if http.canResume { socket.setNeedsFlush() }
    socket.setPaused(!http.wantsBytes)
    counts?.sent(count)
    return count
  }

  var isDone: Bool { http?.isDone ?? false }

  func closed() {
    if let timer { server.loop.cancel(timer) }
    timer = nil
    http?.lost()
    http = nil
    server.connectionClosed(self)
  }

  /// Makes the connection of the version that the client speaks; nil as long as that is not known.
  private func begin(_ bytes: UnsafeRawBufferPointer) -> (any HTTPServerConnection)? {
    switch agreedVersion ?? sniffer.look(at: bytes) {
    case .undecided: return nil
    case .http1:
      isHTTP1 = true
      // There is nothing to ask it with.
      keepalive = nil
      http = HTTP1Connection(
        limits: server.httpLimits, owner: self, scheme: server.tls == nil ? "http" : "https",
        date: server.date, now: server.loop.now)
    case .http2:
      http = HTTP2Connection(
        limits: server.httpLimits, memory: server.memory, owner: self, now: server.loop.now)
    }
    guard let http else {
      server.environment.dispatcher.logger.log(.error, "no memory for a connection of \(peer)")
      socket.close()
      return nil
    }
    if !sniffer.before.isEmpty { http.receive(sniffer.before, now: server.loop.now) }
    return http
  }

  // MARK: HTTPServerOwner

  func requestBegan(
    _ head: HTTPHead, on stream: any HTTPServerStream
  ) -> any HTTPRequestHandler {
    ProtocolSelection.begin(
      head, isHTTP1: isHTTP1, on: stream, environment: server.environment, connection: self)
  }

  func connectionHasOutput() { socket.setNeedsFlush() }

  // MARK: TLSStreamOwner

  func handshakeFinished(_ handshake: TLSHandshake) {
    hasShakenHands = true
    peerIdentity = handshake.peer
    switch handshake.applicationProtocol {
    case "h2": agreedVersion = .http2
    case "http/1.1": agreedVersion = .http1
    default: break
    }
  }

  func tlsFailed(_ error: TLSError) {
    guard !isEnding else { return }
    server.environment.dispatcher.logger.log(.info, "TLS with \(peer): \(error)")
  }

  func tlsHasOutput() { socket.setNeedsFlush() }

  // MARK: Time

  /// Looks, every few seconds, whether the peer has been too slow at something.
  private func checkTime() {
    let limits = server.environment.limits
    let now = server.loop.now
    func isOver(_ limit: Duration, since start: UInt64) -> Bool {
      now >= start && now - start >= limit.clampedNanoseconds
    }
    if http?.isEstablished != true, isOver(limits.handshakeTimeout, since: opened) {
      return timedOut()
    }
    if let started = http?.headerBlockBegan, isOver(limits.headerTimeout, since: started) {
      return timedOut()
    }
    if http?.isBodyTooSlow(now: now, limit: limits.writeStallTimeout.clampedNanoseconds) == true {
      return timedOut()
    }
    if socket.isWriteBlocked, isOver(limits.writeStallTimeout, since: socket.lastProgress) {
      return close()
    }
    if let http, http.streamCount == 0 {
      if isOver(limits.idleTimeout, since: lastCall) { http.drain() }
    } else {
      lastCall = now
    }
    if now >= expiry {
      // The second time the last GOAWAY goes out, whether the client has answered the ping or not.
      if !isAged || now - expiry >= ServerLoop.pingNanoseconds { http?.drain() }
      isAged = true
      if let grace = server.ageGraceNanoseconds, now - expiry >= grace { return close() }
    }
    switch keepalive?.check(
      now: now, received: lastReceived, hasCalls: http?.streamCount ?? 0 > 0)
    {
    case .ping: http?.ping()
    case .close: return close()
    case .wait, nil: break
    }
    checkLater()
  }

  /// Ends the connection of a peer that is too slow, with a word where there is one.
  private func timedOut() {
    if http?.timedOut() == true { return checkLater() }
    if server.tls != nil, !hasShakenHands {
      let limit = server.environment.limits.handshakeTimeout
      server.environment.dispatcher.logger.log(
        .info, "TLS with \(peer): no handshake within \(limit)")
    }
    close()
  }

  private func checkLater() {
    if let timer {
      server.loop.schedule(timer, at: server.loop.now + server.checkIntervalNanoseconds)
    }
  }
}
