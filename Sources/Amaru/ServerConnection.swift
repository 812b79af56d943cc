// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruIO
import AmaruProtocols
import AmaruTLS

/// One connection of a server: joins a socket, HTTP and the protocols. Confined to its loop.
///
/// ```
///   socket bytes --> first bytes tell the protocol --> HTTP2Connection --> GRPCServerCall --> dispatcher
/// ```
///
/// With TLS, a ``TLSStream`` stands before it.
final class ServerConnection: ByteStreamHandler, HTTPServerOwner, CallConnection,
  TLSStreamOwner,
  @unchecked Sendable
{
  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
  private static let notHTTP2 = Array(
    ("HTTP/1.1 505 HTTP Version Not Supported\r\ncontent-type: text/plain\r\ncontent-length: 40\r\n"
      + "connection: close\r\n\r\nThis port speaks gRPC over HTTP/2 only.\n").utf8)

  private let address: PeerAddress
  private unowned let server: ServerLoop
  private let socket: StreamSocket
  private let opened: UInt64
  @exclusivity(unchecked) private var http: HTTP2Connection?
  @exclusivity(unchecked) private var refusal: [UInt8]?
  @exclusivity(unchecked) private var timer: Timer?
  @exclusivity(unchecked) private var lastCall: UInt64
  @exclusivity(unchecked) private var lastReceived: UInt64
  @exclusivity(unchecked) private var keepalive: KeepaliveClock?
  /// When it is too old for further calls.
  private let expiry: UInt64
  /// Who the client is, by TLS; set before the first call, and never changed.
  @exclusivity(unchecked) private(set) var peerIdentity: PeerIdentity?
  /// Its place among the loop's connections.
  @exclusivity(unchecked) var index = 0

  init(_ socket: StreamSocket, _ address: PeerAddress, server: ServerLoop) {
    self.socket = socket
    self.address = address
    self.server = server
    opened = server.loop.now
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
    if let http { http.drain() } else { socket.close() }
  }

  /// Closes the connection at once.
  func close() { socket.close() }

  // MARK: ByteStreamHandler

  func receive(_ bytes: UnsafeRawBufferPointer) {
    lastReceived = server.loop.now
    guard let http = http ?? begin(bytes) else { return }
    http.receive(bytes, now: lastReceived)
    server.environment.dispatcher.drain()
    if http.streamCount > 0 { lastCall = lastReceived }
  }

  func produce(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    if let http { return http.produce(into: buffer) }
    guard let bytes = refusal, !bytes.isEmpty else { return 0 }
    buffer.copyBytes(from: bytes)
    refusal = []
    return bytes.count
  }

  var isDone: Bool { http?.isDone ?? (refusal?.isEmpty ?? false) }

  func closed() {
    if let timer { server.loop.cancel(timer) }
    timer = nil
    http?.lost()
    http = nil
    server.connectionClosed(self)
  }

  /// Tells the protocol by the first byte that differs from the preface of HTTP/2; what agrees so far is
  /// given to HTTP/2, which checks the rest.
  private func begin(_ bytes: UnsafeRawBufferPointer) -> HTTP2Connection? {
    guard refusal == nil else { return nil }
    guard zip(bytes, Self.preface).allSatisfy({ $0 == $1 }) else {
      refusal = Self.notHTTP2
      socket.setNeedsFlush()
      return nil
    }
    http = HTTP2Connection(
      limits: server.httpLimits, memory: server.memory, owner: self, now: server.loop.now)
    if http == nil {
      server.environment.dispatcher.logger.log(.error, "no memory for a connection of \(peer)")
      socket.close()
    } else if server.isDraining {
      http?.drain()
    }
    return http
  }

  // MARK: HTTPServerOwner

  func requestBegan(
    _ head: HTTPHead, on stream: any HTTPServerStream
  ) -> any HTTPRequestHandler {
    let call = GRPCServerCall.begin(
      head, on: stream, environment: server.environment, connection: self)
    guard let call else {
      return PlainResponse(
        415, "Send gRPC: POST with content-type application/grpc.",
        fields: [("accept", "application/grpc")], on: stream)
    }
    return call
  }

  func connectionHasOutput() { socket.setNeedsFlush() }

  // MARK: TLSStreamOwner

  func handshakeFinished(_ handshake: TLSHandshake) { peerIdentity = handshake.peer }

  func tlsFailed(_ error: TLSError) {
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
      return close()
    }
    if let started = http?.headerBlockBegan, isOver(limits.headerTimeout, since: started) {
      return close()
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
      http?.drain()
      if let grace = server.ageGraceNanoseconds, now - expiry >= grace { return close() }
    }
    switch keepalive?.check(
      now: now, received: lastReceived, hasCalls: http?.streamCount ?? 0 > 0)
    {
    case .ping: http?.ping()
    case .close: return close()
    case .wait, nil: break
    }
    if let timer { server.loop.schedule(timer, at: now + server.checkIntervalNanoseconds) }
  }
}
