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
    try await program.serve(server, note: "the data file is \(arguments.data)")
    await store.close()
  }
}
