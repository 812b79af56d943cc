// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport

/// Serves `service` on a free port while `body` runs, and shuts down afterwards.
///
/// `body` runs on a thread of its own, where it may block.
func withServer(
  _ service: TestService = .echo, _ configure: (inout ServerOptions) -> Void = { _ in },
  _ body: @escaping @Sendable (Server, UInt16) throws -> Void
) async throws {
  let port = FreePort.next()
  var options = ServerOptions()
  options.addresses = [.tcp(host: "127.0.0.1", port: port)]
  options.logger = .none
  configure(&options)
  let server = try Server([service], options: options)
  try await server.start()
  do {
    try await onThread { try body(server, port) }
  } catch {
    await server.shutdown(grace: .zero)
    throw error
  }
  await server.shutdown(grace: .zero)
}

struct NoConnection: Error {}

/// A connection that has shaken hands.
func client(_ port: UInt16, window: UInt32 = 65_535) throws -> WireClient {
  guard let client = WireClient(port: port) else { throw NoConnection() }
  client.shakeHands(window: window)
  return client
}
