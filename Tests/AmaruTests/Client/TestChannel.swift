// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport

/// Serves `service` on a free port while `body` runs with a channel to it, and ends both afterwards.
func withChannel(
  _ service: TestService = .echo, server serverOptions: ServerOptions = .test(),
  options: ChannelOptions = .test(), _ body: (ClientChannel, Server) async throws -> Void
) async throws {
  let server = try Server([service], options: serverOptions)
  let addresses = try await server.start()
  let channel = try ClientChannel(addresses: addresses, options: options)
  do {
    try await body(channel, server)
  } catch {
    await channel.close()
    await server.shutdown(grace: .zero)
    throw error
  }
  await channel.close()
  await server.shutdown(grace: .zero)
}

extension ServerOptions {
  /// A free port of this machine, and no log.
  static func test(_ configure: (inout ServerOptions) -> Void = { _ in }) -> ServerOptions {
    var options = ServerOptions()
    options.addresses = [.tcp(host: "127.0.0.1", port: FreePort.next())]
    options.logger = .none
    configure(&options)
    return options
  }
}

extension ChannelOptions {
  /// Short waits after failures.
  static func test(_ configure: (inout ChannelOptions) -> Void = { _ in }) -> ChannelOptions {
    var options = ChannelOptions()
    options.backoff = Backoff(initial: .milliseconds(20), maximum: .milliseconds(100))
    configure(&options)
    return options
  }
}

extension Channel {
  /// Calls `Unary` of the test service.
  func echo(_ text: String, _ options: CallOptions = CallOptions()) async throws -> String {
    try await unary(TestMethods.unary, Text(text), options).value
  }
}

/// The error that `body` throws; nil when it throws none.
func failure(_ body: () async throws -> Void) async -> RPCError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? RPCError ?? RPCError(.unknown, "not an RPCError: \(error)")
  }
}
