// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO

/// Calls a ``GatewayApp`` over HTTP/1.1 inside the process, for tests: no port, no address, everything else as it is in
/// production but TLS.
///
/// ```swift
/// let client = try TestClient(app)
/// let response = try await client.post("/grpc/greeterservice/sayhello", json: #"{"name": "World"}"#)
/// #expect(response.status == 200)
/// ```
///
/// The app need not run. All members may be used from any thread.
public final class TestClient: Sendable {
  private let server: Server

  /// A client of `app`.
  /// - Throws: ``RouterError``.
  public init(_ app: GatewayApp) throws(RouterError) {
    var options = app.options
    options.tls = nil
    server = try Server(app.services, options: options)
  }

  /// Asks with `GET`; `path` may have a query.
  public func get(
    _ path: String, headers: [(String, String)] = []
  ) async throws -> TestResponse {
    try await request("GET", path, headers: headers)
  }

  /// Sends JSON with `POST`.
  public func post(
    _ path: String, json: String, headers: [(String, String)] = []
  ) async throws -> TestResponse {
    try await request(
      "POST", path, headers: [("content-type", "application/json")] + headers,
      body: Array(json.utf8))
  }

  /// Sends any request, and returns the whole response: a stream after its end.
  /// - Throws: ``ServerError`` when the server has stopped, ``TestClientError`` for a name or value that a head cannot have, and a
  ///   response that ends too early.
  public func request(
    _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8] = []
  ) async throws -> TestResponse {
    let exchange = try TestExchange(method, path, headers, body)
    return try await withCheckedThrowingContinuation { continuation in
      do {
        try server.connectInMemory { socket, _ in exchange.start(on: socket, continuation) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  /// Stops the server behind the client; calls that still run are cancelled.
  public func close() async { await server.shutdown(grace: .zero) }
}
