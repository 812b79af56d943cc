// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc
import Signals

/// A program that serves until SIGTERM or SIGINT.
///
/// Its exit status is 0 after a signal, 1 when it cannot serve and 2 when the command line is wrong.
public struct ServerProgram: Sendable {
  private let name: String
  private let usage: String
  private let help: String

  /// - Parameters:
  ///   - name: what stands in front of each line that it says.
  ///   - usage: the flags, for who gets one wrong.
  ///   - help: what `--help` prints below them.
  public init(_ name: String, usage: String, help: String) {
    self.name = name
    self.usage = "usage: \(name) \(usage)"
    self.help = help
  }

  /// Runs `serve` with the words behind the program's name.
  public func run(_ serve: ([String]) async throws -> Void) async {
    let words = Array(CommandLine.arguments.dropFirst())
    if words.contains("--help") {
      print("\(usage)\n\n\(help)")
      return
    }
    do {
      try await serve(words)
    } catch let error as UsageError {
      say("\(error)\n\(usage)")
      exit(2)
    } catch {
      say((error as? RPCError)?.message ?? "\(error)")
      exit(1)
    }
  }

  /// Writes to standard error; standard output is for what programs read.
  public func say(_ text: String) {
    var line = "\(name): \(text)\n"
    line.withUTF8 { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
  }

  /// Tells whoever waits for it where a server listens.
  public func announce(_ addresses: [SocketAddress]) {
    for address in addresses { print("listening on \(address)") }
    fflush(nil)  // They may read these lines through a pipe.
  }

  /// Starts `server`, says where it listens, and returns when it has stopped: after SIGTERM or SIGINT, when the
  /// running calls have finished. A second signal ends them at once.
  /// - Parameters:
  ///   - note: what the server's logger is told when it listens.
  ///   - willStop: is told of each signal, for calls that do not finish by themselves.
  /// - Throws: ``ServerError`` when it cannot start.
  public func serve(
    _ server: Server, note: String? = nil, willStop: @escaping @Sendable () -> Void = {}
  ) async throws {
    let signals = SignalStream.of(SIGTERM, SIGINT)
    let addresses = try await server.start()
    let logger = server.options.logger
    if let note { logger.log(.info, note) }
    if let address = server.metricsAddress { print("metrics on http://\(address)/metrics") }
    announce(addresses)
    let watching = Task {
      var count = 0
      for await number in signals {
        count += 1
        logger.log(
          .info, "signal \(number): \(count == 1 ? "running calls finish" : "stopping at once")")
        willStop()
        let grace: Duration? = count == 1 ? nil : .zero
        Task { await server.shutdown(grace: grace) }
      }
    }
    await server.waitUntilStopped()
    watching.cancel()
  }
}
