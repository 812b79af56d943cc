// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import AmaruProtocols
import AmaruTLS

/// How a ``Server`` serves. The defaults suit a service behind a load balancer on one machine.
public struct ServerOptions: Sendable {
  /// Where to listen; every address serves every service. Port 0 lets the system choose.
  public var addresses: [SocketAddress] = [.tcp(host: "127.0.0.1", port: 50051)]
  /// The certificate that the server shows, on every address; nil for plaintext.
  public var tls: ServerTLS?
  /// Event loops, each with a thread of its own. A call never leaves the loop of its connection.
  public var loops = 1
  /// What peers are held to.
  public var limits = Limits()
  /// Run around every call, the first outermost.
  public var interceptors: [any Interceptor] = []
  /// How responses are compressed when the caller accepts it and their handler does not say otherwise.
  public var responseCoding = ContentCoding.identity
  /// By which paths methods can be called by plain HTTP and JSON; nil for none (docs/gateway.md, docs/http-rules.md).
  public var httpRoutes: HTTPRoutes?
  /// Which pages of other origins may call from a browser; nil for none.
  public var cors: CORS?
  /// Whether the health service (`grpc.health.v1.Health`) is served beside yours.
  public var servesHealth = true
  /// Whether the reflection service (``ReflectionService``) is served beside yours, so that tools can
  /// read what the server offers.
  public var servesReflection = false
  /// What counts the server's calls and connections; nil for nothing, unless ``servesMetrics`` or ``metricsAddress``
  /// asks for some.
  public var metrics: Metrics?
  /// Whether the metrics can be read by gRPC (`amaru.metrics.v1.MetricsService/Scrape`), beside your services and
  /// inside ``interceptors``.
  public var servesMetrics = false
  /// Where `GET /metrics` answers over HTTP/1.1 in plaintext, to everybody who can reach it; nil for nowhere. Port 0
  /// lets the system choose (``Server/metricsAddress``).
  public var metricsAddress: SocketAddress?
  /// Writes a line for each call; nil for none.
  public var accessLog: AccessLog?
  /// How dead connections are found out; nil for not at all.
  public var keepalive: Keepalive? = Keepalive(interval: .seconds(7200), pingsWithoutCalls: true)
  /// The age at which a connection takes no further calls, so that balancers spread clients anew; each connection's
  /// own differs by up to a tenth. nil for no limit. Source: gRPC's proposal A9.
  public var maxConnectionAge: Duration?
  /// The time that running calls have after ``maxConnectionAge``; then the connection is closed. nil for no limit.
  public var maxConnectionAgeGrace: Duration?
  /// The time between `NOT_SERVING` and the end of new calls when the server shuts down, in which balancers that
  /// watch the health send their calls elsewhere.
  public var drainDelay: Duration = .zero
  /// The time that running calls have to finish when the server shuts down; then they are cancelled.
  public var shutdownGrace: Duration = .seconds(30)
  /// Where errors of handlers and the server's own lines go. Unless it is set: to the logger of ``accessLog``, so that
  /// all lines have one form, and without that to ``Logger/standardError``.
  public var logger: Logger {
    get { ownLogger ?? accessLog?.logger ?? .standardError }
    set { ownLogger = newValue }
  }
  private var ownLogger: Logger?

  /// The defaults above.
  public init() {}
}
