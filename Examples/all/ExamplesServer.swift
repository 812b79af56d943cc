// SPDX-License-Identifier: Apache-2.0
import Amaru
import GreeterExample
import InventoryExample
import Serving
import UsersExample

/// The program: opens the stores, and serves all examples until SIGTERM or SIGINT.
@main
struct ExamplesServer {
  private static let program = ServerProgram(
    "examples-server", usage: Arguments.usage, help: Arguments.help)

  static func main() async {
    await program.run { words in try await serve(Arguments(words)) }
  }

  private static func serve(_ arguments: Arguments) async throws {
    let items = try ItemStore(arguments.items)
    let users = try UserStore(arguments.users)
    let rooms = Rooms()
    var options = arguments.server.options
    options.addresses.append(.tcp(host: arguments.server.host, port: arguments.httpPort))
    let services: [any Service] = [
      InventoryService(store: items, logger: options.logger),
      UsersService(store: users, rooms: rooms, logger: options.logger),
      GreeterService(), GreetingsService(),
    ]
    var routes = HTTPRoutes()
    for service in services { routes.add(service, under: "/grpc") }
    options.httpRoutes = routes
    let server = try Server(services, options: options)
    try await program.serve(server) { rooms.close() }
    await items.close()
    await users.close()
  }
}
