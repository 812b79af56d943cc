// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc
import LineEditing
import Signals
import UsersAPI

/// The program: reads the command line, connects, and does what it is told.
@main
struct UsersClient {
  static func main() async {
    let words = CommandLine.arguments.dropFirst()
    if words.contains("--help") {
      output(Arguments.help)
      return
    }
    do {
      let arguments = try Arguments(words)
      // At a terminal its settings have to be put back before the program ends.
      let holdsTerminal = arguments.command == .interactive && Terminal.isThere
      let signals = holdsTerminal ? SignalStream.of(SIGTERM, SIGHUP) : nil
      let channel = try arguments.channel()
      let isGood = try await carryOut(arguments, UserServiceClient(channel), until: signals)
      await channel.close()
      exit(isGood ? 0 : 1)
    } catch let error as UsageError {
      say("\(error)\n\(Arguments.usage)")
      exit(2)
    } catch {
      say("\(error)".printable)
      if let error = error as? RPCError, error.message.contains("cannot connect") {
        say("start a server with `make run` at the root of the project")
      }
      exit(1)
    }
  }

  /// - Returns: Whether all went well.
  private static func carryOut(
    _ arguments: Arguments, _ users: UserServiceClient, until signals: AsyncStream<Int32>?
  ) async throws -> Bool {
    let options = CallOptions.timeout(.seconds(10))
    switch arguments.command {
    case .demo: try await Demo(users).callAll()
    case .interactive:
      return await Interactive(users, target: arguments.target).run(until: signals)
    case .get(let id):
      output(try await users.getUser(.with { $0.id = id }, options: options).shown)
    case .create(let name, let email):
      let request = CreateUserRequest.with {
        $0.name = name
        $0.email = email
      }
      output(try await users.createUser(request, options: options).shown)
    case .list(let limit):
      let request = ListUsersRequest.with { $0.limit = limit }
      for try await user in try await users.listUsers(request, options: options) {
        output(user.shown)
      }
    case .load(let rate, let seconds):
      return try await Load(users, rate: rate, seconds: seconds).run()
    }
    return true
  }

  private static func say(_ text: String) {
    var line = "users-client: \(text)\n"
    line.withUTF8 { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
  }
}
