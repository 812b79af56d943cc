// SPDX-License-Identifier: Apache-2.0
import Amaru
import Serving

/// The program: reads the command line, and serves until SIGTERM or SIGINT.
@main
struct GreeterServer {
  private static let program = ServerProgram(
    "greeter-server", usage: Arguments.usage, help: Arguments.help)

  static func main() async {
    await program.run { words in try await serve(Arguments(words)) }
  }

  private static func serve(_ arguments: Arguments) async throws {
    let services: [any Service] = [GreeterService(), GreetingsService()]
    try await program.serve(Server(services, options: arguments.server.options))
  }
}
