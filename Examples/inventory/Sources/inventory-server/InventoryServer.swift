// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc

/// The program: reads the command line, opens the store, and serves it until SIGTERM or SIGINT.
///
/// The exit status is 0 after a signal, 1 when it cannot serve and 2 when the command line is wrong.
@main
struct InventoryServer {
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
      say("\(error)")
      exit(1)
    }
  }

  private static func serve(_ arguments: Arguments) async throws {
    let store = try ItemStore(arguments.data)
    var options = ServerOptions()
    options.addresses = arguments.addresses
    options.loops = arguments.loops
    options.tls = arguments.tls
    options.servesReflection = true
    options.metricsAddress = arguments.metrics
    options.accessLog = arguments.accessLog
    let service = InventoryService(store: store, logger: options.logger)
    let server = try Server([service], options: options)
    // Returns when a signal came and the running calls have finished.
    try await server.run { addresses in
      options.logger.log(.info, "the data file is \(arguments.data)")
      if let address = server.metricsAddress { print("metrics on http://\(address)/metrics") }
      for address in addresses { print("listening on \(address)") }
      fflush(nil)  // Whoever waits for these lines may read them through a pipe.
    }
    await store.close()
  }

  /// Writes to standard error; standard output is for what programs read.
  private static func say(_ text: String) {
    var line = "inventory-server: \(text)\n"
    line.withUTF8 { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
  }
}
