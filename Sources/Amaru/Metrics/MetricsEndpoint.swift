// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO

/// Answers `GET /metrics` over HTTP/1.1 on a port of its own, as Prometheus and curl ask.
///
/// It has a thread of its own, so that it answers while the loops of servers are busy. A connection serves one request,
/// whose header list has at most 8 KiB, and has 10 seconds; 32 are served at once, and further ones wait in the system's
/// queue. There is no TLS and no authentication: let it listen where only your scrapers come. All members may be used
/// from any thread.
public final class MetricsEndpoint: Sendable {
  /// Connections that are served at once.
  static let maxConnections = 32
  /// The names and values of a request's fields, with 32 bytes for each.
  static let maxHeaderListBytes = 8 << 10

  /// Where it listens, with the port that the system chose.
  public let address: SocketAddress
  private let core: ScrapeLoop

  /// Starts to answer for `metrics` on `address`; until ``close()``, or until the last reference goes.
  /// - Throws: ``ServerError`` when the address cannot be listened on.
  public convenience init(_ metrics: Metrics, on address: SocketAddress) throws(ServerError) {
    do throws(IOError) {
      try self.init(metrics, listeningOn: address)
    } catch {
      throw ServerError("\(error)")
    }
  }

  init(
    _ metrics: Metrics, listeningOn address: SocketAddress, timeout: Duration = .seconds(10)
  ) throws(IOError) {
    let core = try ScrapeLoop(metrics, timeout.clampedNanoseconds)
    self.core = core
    self.address = try core.listen(address)
    do throws(IOError) {
      try SystemThread { core.loop.run() }.detach()
    } catch {
      core.stop()
      throw error
    }
  }

  deinit { close() }

  /// Stops to answer, and ends the connections at once.
  public func close() {
    let core = core
    let address = address
    core.loop.enqueueTask { if core.stop() { address.removeSocketFile() } }
  }
}
