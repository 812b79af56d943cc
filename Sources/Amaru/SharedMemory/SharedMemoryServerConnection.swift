// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import AmaruProtocols
import AmaruSharedMemory

/// One connection of a server over shared memory, from its handshake on. Confined to its loop.
final class SharedMemoryServerConnection: SharedMemoryDriver, LoopConnection {
  private unowned let server: ServerLoop
  private let pending: PendingPeer
  private let peerName: String
  private var timer: Timer?
  private var isDraining = false
  var index = 0

  init(_ pending: PendingPeer, server: ServerLoop) {
    self.pending = pending
    self.server = server
    peerName = "shm:\(pending.processID)"
    super.init(loop: server.loop)
  }

  /// Waits for the handshake. An error leaves the connection to be closed.
  func start() throws {
    try watchHandshake(pending.socket)
    let timer = Timer { [unowned self] in
      close(SharedMemoryError.handshake("no hello came in time"))
    }
    self.timer = timer
    let limit = server.environment.limits.handshakeTimeout
    loop.schedule(timer, at: loop.now &+ limit.clampedNanoseconds)
  }

  func drain() {
    isDraining = true
    guard let peer else { return close() }
    if peer.streamCount == 0 { close() }
  }

  func close() { close(SharedMemoryError.peerGone) }

  override func handshakeArrived() throws {
    guard let connection = try pending.receive() else { return }
    endHandshake()
    let limits = server.environment.limits
    try begin(
      connection, limits: FrameLimits(limits), maxConcurrentCalls: limits.maxConcurrentStreams)
  }

  private func endHandshake() {
    if let timer { loop.cancel(timer) }
    timer = nil
  }

  override func callBegan(
    _ head: CallHead, on stream: SharedMemoryStream
  ) -> any SharedMemoryStreamHandler {
    let environment = server.environment
    do throws(RPCError) {
      guard !isDraining, !server.isDraining else {
        throw RPCError(.unavailable, "the server is shutting down")
      }
      return SharedMemoryServerCall(
        head, handler: try environment.router.handler(forName: head.method), on: stream,
        peerName: peerName, environment: environment)
    } catch {
      environment.observer?.callRefused(
        CallRefusal(path: head.method, peer: peerName, userAgent: nil, error: error))
      stream.finish(CallStatus(error, trailers: Metadata()))
      return IgnoredCall()
    }
  }

  override func processed() { server.environment.dispatcher.drain() }

  override func idled() { if isDraining { close() } }

  override func ended(_ error: any Error) {
    endHandshake()
    if error as? SharedMemoryError != .peerGone {
      server.environment.dispatcher.logger.log(
        .info, "shared memory with \(peerName): \(error)")
    }
    server.connectionClosed(self)
  }
}
