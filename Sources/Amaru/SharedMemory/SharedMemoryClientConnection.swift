// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import AmaruProtocols
import AmaruSharedMemory

/// One connection of a client over shared memory, from its handshake on. Confined to its loop.
final class SharedMemoryClientConnection: SharedMemoryDriver, BackendConnection {
  private let peerName: String
  private let environment: ClientEnvironment
  private let pending: PendingConnection
  private var report: ((any BackendConnection, BackendEvent) -> Void)?
  private var isDraining = false
  private(set) var idleSince: UInt64
  private var failure: String?

  /// Connects to the service `name`, and sends the hello.
  ///
  /// - Throws: Why that cannot be done, with the cure where there is one.
  init(
    _ name: String, peer: String, environment: ClientEnvironment, loop: EventLoop,
    report: @escaping (any BackendConnection, BackendEvent) -> Void
  ) throws(SharedMemoryError) {
    peerName = peer
    self.environment = environment
    self.report = report
    idleSince = loop.now
    pending = try PendingConnection(
      ServiceName(name), layout: .standard,
      limits: PeerLimits(
        maxMessageBytes: UInt64(clamping: environment.limits.maxReceivedMessageBytes),
        maxConcurrentCalls: 0))
    super.init(loop: loop)
  }

  /// Waits for the answer.
  func start() throws(IOError) { try watchHandshake(pending.socket) }

  var isOpen: Bool { !isDraining && peer?.end == nil && peer != nil }
  var hasRoom: Bool { !isDraining && peer?.canOpen ?? false }
  var callCount: Int { peer?.streamCount ?? 0 }

  func failure(inTime: Bool) -> String {
    failure ?? "\(peerName) did not answer the handshake in time"
  }

  func startCall(
    _ method: MethodDescriptor, _ options: CallOptions, isLoad: Bool
  ) throws(RPCError) -> ClientCall? {
    guard let peer, !isDraining else { return nil }
    return try SharedMemoryClientCall.start(
      method, options, on: peer, peerName: peerName, environment: environment)
  }

  func drain() {
    isDraining = true
    guard let peer else { return close() }
    if peer.streamCount == 0 { return close() }
    report?(self, .goesAway(forPings: false))
  }

  func close() { close(SharedMemoryError.peerGone) }

  override func handshakeArrived() throws {
    guard let connection = try pending.receive() else { return }
    try begin(connection, limits: FrameLimits(environment.limits), maxConcurrentCalls: 0)
    report?(self, .established)
  }

  override func streamEnded() {
    idleSince = loop.now
    report?(self, .callEnded)
  }

  override func idled() { if isDraining { close() } }

  override func ended(_ error: any Error) {
    failure =
      error as? SharedMemoryError == .peerGone
      ? "\(peerName) closed the connection during the handshake" : "\(error)"
    let report = report
    self.report = nil
    report?(self, .closed)
  }
}
