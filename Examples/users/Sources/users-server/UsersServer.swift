// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc
import Signals

/// The program: reads the command line, opens the store, and serves it until SIGTERM or SIGINT.
///
/// The exit status is 0 after a signal, 1 when it cannot serve and 2 when the command line is wrong.
@main
struct UsersServer {
  static func main() async {
    let arguments = CommandLine.arguments.dropFirst()
    if arguments.contains("--help") {
      print(Arguments.help)
      return
    }
    do {
      try await serve(Arguments(arguments))
    } catch let error as UsageError {
      say("\(error)\n\(Arguments.usage)")
      exit(2)
    } catch {
      say((error as? RPCError)?.message ?? "\(error)")
      exit(1)
    }
  }

  private static func serve(_ arguments: Arguments) async throws {
    // `Server.run` does the same for a server whose calls all end by themselves.
    let signals = SignalStream.of(SIGTERM, SIGINT)
    let store = try UserStore(arguments.data)
    let rooms = Rooms()
    var options = ServerOptions()
    options.addresses = arguments.addresses
    options.loops = arguments.loops
    options.tls = arguments.tls
    options.servesReflection = true
    options.metricsAddress = arguments.metrics
    options.accessLog = arguments.accessLog
    if let keys = arguments.tokenKeys {
      var rules = TokenRules()
      if let audience = arguments.audience { rules.audiences = [audience] }
      options.interceptors = [try TokenAuthenticator(keys: keys, rules: rules)]
    }
    let service = UsersService(store: store, rooms: rooms, logger: options.logger)
    let server = try Server([service], options: options)
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
}
