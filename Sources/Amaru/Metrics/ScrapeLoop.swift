// SPDX-License-Identifier: Apache-2.0
import AmaruIO

/// The loop of an endpoint with its listener and connections. Confined to the loop once that runs.
final class ScrapeLoop: @unchecked Sendable {
  let loop: EventLoop
  private let metrics: Metrics
  /// The time that a connection has.
  private let nanoseconds: UInt64
  private var listener: Listener?
  private var connections: [ObjectIdentifier: ScrapeConnection] = [:]

  init(_ metrics: Metrics, _ nanoseconds: UInt64) throws(IOError) {
    self.metrics = metrics
    self.nanoseconds = nanoseconds
    loop = try EventLoop()
  }

  func listen(_ address: SocketAddress) throws(IOError) -> SocketAddress {
    let bound = try Listener.bind(address, reusesPort: false)
    listener = try Listener.start(bound.descriptor, on: loop, isShared: false) {
      [unowned self] socket, _ in
      accept(socket)
    }
    return bound.address
  }

  private func accept(_ socket: StreamSocket) {
    let id = ObjectIdentifier(socket)
    let connection = ScrapeConnection(socket, loop, metrics, nanoseconds: nanoseconds) {
      [unowned self] in
      connections[id] = nil
      listener?.setPaused(false)
    }
    connections[id] = connection
    connection.start()
    if connections.count >= MetricsEndpoint.maxConnections { listener?.setPaused(true) }
  }

  /// Closes everything; false when that was done before.
  @discardableResult
  func stop() -> Bool {
    guard let listener else { return false }
    self.listener = nil
    listener.close()
    for connection in Array(connections.values) { connection.close() }
    loop.stop()
    return true
  }
}
