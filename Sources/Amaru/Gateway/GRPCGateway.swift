// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import AmaruTLS
import Synchronization

/// Services that are served over gRPC, and over HTTP with JSON by a ``GatewayApp``: one implementation for both.
///
/// ```swift
/// let gateway = GRPCGateway(path: "/grpc", services: [GreeterService()], exposeHTTP: true)
/// try await GatewayApp([gateway]).run()     // gRPC on 50051, POST /grpc/greeterservice/sayhello on 8000
/// ```
///
/// All members may be used from any thread.
public final class GRPCGateway: Sendable {
  /// Where the services begin over HTTP, behind the app's base path: `/grpc`.
  public let path: String
  /// What is served, by both.
  public let services: [any Service]
  /// Whether the services can be called over HTTP too.
  public let exposesHTTP: Bool
  /// The HTTP methods that are allowed; others are answered with 405 and `Allow`.
  public let httpMethods: [String]
  /// Where gRPC listens.
  public let address: SocketAddress
  /// How the services are served: interceptors hold for HTTP as they do for gRPC.
  public let options: ServerOptions

  private enum State {
    case idle
    case starting
    case running(Server)
    case stopped
  }
  private let state = Mutex(State.idle)

  /// A gateway; it serves gRPC after ``startup()``, HTTP as a part of a ``GatewayApp``.
  ///
  /// - Parameters:
  ///   - path: Where the services begin over HTTP.
  ///   - services: Implementations of services.
  ///   - exposeHTTP: Whether they can be called over HTTP.
  ///   - httpMethods: The HTTP methods that are allowed; all by default.
  ///   - host: The name or number that gRPC listens on.
  ///   - port: The port that gRPC listens on; 0 lets the system choose.
  ///   - tls: The certificate of gRPC; nil for plaintext.
  ///   - options: Interceptors, limits and the rest. Its addresses and certificate do not count.
  public init(
    path: String, services: [any Service], exposeHTTP: Bool = false,
    httpMethods: [String] = HTTPRoutes.allMethods, host: String = "127.0.0.1", port: UInt16 = 50051,
    tls: ServerTLS? = nil, options: ServerOptions = ServerOptions()
  ) {
    self.path = path
    self.services = services
    exposesHTTP = exposeHTTP
    self.httpMethods = httpMethods
    address = .tcp(host: host, port: port)
    var options = options
    options.addresses = [address]
    options.tls = tls
    self.options = options
  }

  /// Starts to serve gRPC, and returns the addresses with the ports that the system chose.
  ///
  /// - Throws: ``RouterError``; ``ServerError`` when the port is taken, or the gateway was started before.
  @discardableResult
  public func startup() async throws -> [SocketAddress] {
    let mayStart = state.withLock { state in
      guard case .idle = state else { return false }
      state = .starting
      return true
    }
    guard mayStart else {
      throw ServerError("the gateway at \(path) was started before; make a new one")
    }
    do {
      let server = try Server(services, options: options)
      let addresses = try await server.start()
      state.withLock { $0 = .running(server) }
      return addresses
    } catch {
      state.withLock { $0 = .idle }
      throw error
    }
  }

  /// Stops to serve gRPC: running calls have `grace` to finish, by default that of the options. Does nothing unless it runs.
  public func shutdown(grace: Duration? = nil) async {
    let server: Server? = state.withLock { state in
      guard case .running(let server) = state else { return nil }
      state = .stopped
      return server
    }
    await server?.shutdown(grace: grace)
  }

  /// Where gRPC is served; empty before ``startup()`` and after ``shutdown(grace:)``.
  public var addresses: [SocketAddress] {
    state.withLock { if case .running(let server) = $0 { server.addresses } else { [] } }
  }

  /// Starts, calls `body`, and stops whether it throws or not.
  public func lifespan<Result: Sendable>(
    _ body: ([SocketAddress]) async throws -> Result
  ) async throws -> Result {
    let addresses = try await startup()
    do {
      let result = try await body(addresses)
      await shutdown()
      return result
    } catch {
      await shutdown(grace: .zero)
      throw error
    }
  }
}
