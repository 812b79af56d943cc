// SPDX-License-Identifier: Apache-2.0
import Amaru
import Serving

/// The program: reads the command line, opens the store, and serves it until SIGTERM or SIGINT.
@main
struct InventoryServer {
  private static let program = ServerProgram(
    "inventory-server", usage: Arguments.usage, help: Arguments.help)

  static func main() async {
    await program.run { words in try await serve(Arguments(words)) }
  }

  private static func serve(_ arguments: Arguments) async throws {
    let store = try ItemStore(arguments.data)
    let options = arguments.server.options
    let service = InventoryService(store: store, logger: options.logger)
    let server = try Server([service], options: options)
<<<<<<< HEAD
    // Returns when a signal came and the running calls have finished.
    try await server.run { addresses in
      options.logger.log(.info, "the data file is \(arguments.data)")
      if let address = server.metricsAddress { print("metrics on http://\(address)/metrics") }
      for address in addresses { print("listening on \(address)") }
      fflush(nil)  // Whoever waits for these lines may read them through a pipe.
    }
=======
    program.say("the data file is \(arguments.data)")
    try await program.serve(server)
>>>>>>> 53f8457d45ddea307d30dbb640d7e204cb4b79f8
    await store.close()
  }
}
