// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import Synchronization

/// Serves gateways over HTTP with JSON, at `{basePath}{path}/{service}/{method}`, and starts their gRPC with itself.
///
/// Every listener speaks every protocol: the HTTP port takes gRPC, Connect and gRPC-Web too. A gateway whose address is the
/// app's own has no listener of its own: all is on one port then.
///
/// All members may be used from any thread.
public final class GatewayApp: Sendable {
  /// What is served.
  public let gateways: [GRPCGateway]
  /// Stands in front of every gateway's path.
  public let basePath: String
  /// What HTTP serves, inside the interceptors of the gateways.
  let services: [any Service]
  /// The options of HTTP with all routes.
  let options: ServerOptions
  private let server: Server
  /// Those with a listener of their own.
  private let separate: [GRPCGateway]

  /// An app of `gateways`; it serves after ``startup()`` or ``run(onListening:)``.
  ///
  /// - Parameters:
  ///   - basePath: Such as `/api/v1`.
  ///   - host: The name or number that HTTP listens on.
  ///   - port: The port that HTTP listens on; 0 lets the system choose.
  ///   - options: Of the HTTP side: TLS, limits, CORS, metrics, rules of `google.api.http` in `httpRoutes`. Interceptors
  ///     come around those of the gateways. Its addresses do not count.
  /// - Throws: ``RouterError`` when a service is given twice or two routes take the same requests.
  public init(
    _ gateways: [GRPCGateway], basePath: String = "", host: String = "127.0.0.1",
    port: UInt16 = 8000,
    options: ServerOptions = ServerOptions()
  ) throws(RouterError) {
    self.gateways = gateways
    self.basePath = basePath
    let address = SocketAddress.tcp(host: host, port: port)
    var options = options
    options.addresses = [address]
    var routes = options.httpRoutes ?? HTTPRoutes()
    var services: [any Service] = []
    for gateway in gateways where gateway.exposesHTTP || gateway.address == address {
      if gateway.address == address, options.tls == nil { options.tls = gateway.options.tls }
      services += gateway.services.map {
        InterceptedService($0, gateway.options.interceptors)
      }
      guard gateway.exposesHTTP else { continue }
      for service in gateway.services {
        routes.add(
          service, under: "\(basePath)/\(gateway.path)", httpMethods: gateway.httpMethods)
      }
    }
    options.httpRoutes = routes
    self.services = services
    self.options = options
    separate = gateways.filter { $0.address != address }
    server = try Server(services, options: options)
  }

  /// Starts the gateways and HTTP, and returns the addresses of HTTP.
  ///
  /// - Throws: ``ServerError`` when a port is taken or something was started before; what was started is stopped again.
  @discardableResult
  public func startup() async throws -> [SocketAddress] {
    try await startGateways()
    do {
      return try await server.start()
    } catch {
      for gateway in separate { await gateway.shutdown(grace: .zero) }
      throw error
    }
  }

  /// Stops HTTP and the gateways: running calls have `grace` to finish, by default that of the options.
  public func shutdown(grace: Duration? = nil) async {
    await withTaskGroup { group in
      group.addTask { await self.server.shutdown(grace: grace) }
      for gateway in separate { group.addTask { await gateway.shutdown(grace: grace) } }
    }
  }

  /// Starts, calls `onListening` with the addresses of HTTP and gRPC, and shuts down on SIGTERM or SIGINT; a second signal ends
  /// the running calls at once.
  ///
  /// - Throws: ``ServerError`` when it cannot start.
  public func run(
    onListening: (_ http: [SocketAddress], _ grpc: [SocketAddress]) -> Void = { _, _ in }
  ) async throws {
    try await startGateways()
    do {
      try await server.run { http in
        onListening(
          http, separate.flatMap(\.addresses) + (separate.count < gateways.count ? http : []))
      }
    } catch {
      for gateway in separate { await gateway.shutdown(grace: .zero) }
      throw error
    }
    for gateway in separate { await gateway.shutdown() }
  }

  /// Where HTTP is served; empty before the app has started.
  public var addresses: [SocketAddress] { server.addresses }

  private func startGateways() async throws {
    for (index, gateway) in separate.enumerated() {
      do {
        try await gateway.startup()
      } catch {
        for started in separate.prefix(index) { await started.shutdown(grace: .zero) }
        throw error
      }
    }
  }
}
