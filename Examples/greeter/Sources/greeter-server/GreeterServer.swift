// SPDX-License-Identifier: Apache-2.0
import Amaru
import Serving

/// The program: reads the command line, and serves until SIGTERM or SIGINT.
@main
struct GreeterServer {
  private static let program = ServerProgram(
    "greeter-server", usage: Arguments.usage, help: Arguments.help)

  static func main() async {
    await program.run { words in
      let app = try makeApp(Arguments(words))
      try await app.run { http, grpc in program.announce(grpc == http ? grpc : grpc + http) }
    }
  }

  /// Both services over gRPC on one port, and over HTTP on another or the same.
  static func makeApp(_ arguments: Arguments) throws -> GatewayApp {
    var options = arguments.server.options
    // What both ports count is one.
    if options.metricsAddress != nil { options.metrics = Metrics() }
    var own = options
    own.metricsAddress = nil
    let gateway = GRPCGateway(
      path: arguments.path, services: [GreeterService(), GreetingsService()], exposeHTTP: true,
      httpMethods: arguments.httpMethods, host: arguments.server.host,
      port: arguments.server.port, tls: options.tls, options: own)
    return try GatewayApp(
      [gateway], basePath: arguments.basePath, host: arguments.server.host,
      port: arguments.httpPort, options: options)
  }
}
