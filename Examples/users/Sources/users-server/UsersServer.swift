// SPDX-License-Identifier: Apache-2.0
import Amaru
import Serving

/// The program: reads the command line, opens the store, and serves it until SIGTERM or SIGINT.
@main
struct UsersServer {
  private static let program = ServerProgram(
    "users-server", usage: Arguments.usage, help: Arguments.help)

  static func main() async {
    await program.run { words in try await serve(Arguments(words)) }
  }

  private static func serve(_ arguments: Arguments) async throws {
    let store = try UserStore(arguments.data)
    let rooms = Rooms()
    var options = arguments.server.options
    if let keys = arguments.tokenKeys {
      var rules = TokenRules()
      if let audience = arguments.audience { rules.audiences = [audience] }
      options.interceptors = [try TokenAuthenticator(keys: keys, rules: rules)]
    }
    let service = UsersService(store: store, rooms: rooms, logger: options.logger)
    let server = try Server([service], options: options)
    // A chat does not finish by itself: its members are told.
    try await program.serve(server, note: "the data file is \(arguments.data)") { rooms.close() }
    await store.close()
  }
}
