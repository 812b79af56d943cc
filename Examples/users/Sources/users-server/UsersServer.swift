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
<<<<<<< HEAD
    let addresses = try await server.start()
    options.logger.log(.info, "the data file is \(arguments.data)")
    if let address = server.metricsAddress { print("metrics on http://\(address)/metrics") }
    for address in addresses { print("listening on \(address)") }
    fflush(nil)  // Whoever waits for these lines may read them through a pipe.
    await stop(server, rooms, at: signals, options.logger)
    await store.close()
  }

  /// Waits for a signal, and lets running calls finish. A chat does not finish by itself: its members are
  /// told. A second signal ends all calls at once.
  private static func stop(
    _ server: Server, _ rooms: Rooms, at signals: AsyncStream<Int32>, _ logger: Logger
  ) async {
    let watching = Task {
      var count = 0
      for await number in signals {
        count += 1
        logger.log(
          .info, "signal \(number): \(count == 1 ? "running calls finish" : "stopping at once")")
        rooms.close()
        let grace: Duration? = count == 1 ? nil : .zero
        Task { await server.shutdown(grace: grace) }
      }
    }
    await server.waitUntilStopped()
    watching.cancel()
  }

  /// Writes to standard error; standard output is for what programs read.
  private static func say(_ text: String) {
    var line = "users-server: \(text)\n"
    line.withUTF8 { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
  }
=======
    program.say("the data file is \(arguments.data)")
    // A chat does not finish by itself: its members are told.
    try await program.serve(server) { rooms.close() }
    await store.close()
  }
>>>>>>> 53f8457d45ddea307d30dbb640d7e204cb4b79f8
}
