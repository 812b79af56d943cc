// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc
import UsersAPI

/// The program: reads the command line, connects, and does what it is told.
@main
struct UsersClient {
  static func main() async {
    let words = CommandLine.arguments.dropFirst()
    if words.contains("--help") {
      print(Arguments.help)
      return
    }
    do {
      let arguments = try Arguments(words)
      let channel = try arguments.channel()
      let isGood = try await carryOut(arguments, UserServiceClient(channel))
      await channel.close()
      exit(isGood ? 0 : 1)
    } catch let error as UsageError {
      say("\(error)\n\(Arguments.usage)")
      exit(2)
    } catch {
      say("\(error)".printable)
      exit(1)
    }
  }

  /// - Returns: Whether all went well.
  private static func carryOut(
    _ arguments: Arguments, _ users: UserServiceClient
  ) async throws -> Bool {
    let options = CallOptions.timeout(.seconds(10))
    switch arguments.command {
    case .demo: try await Demo(users).callAll()
    case .interactive: await Interactive(users, target: arguments.target).run()
    case .get(let id):
      print(try await users.getUser(.with { $0.id = id }, options: options).shown)
    case .create(let name, let email):
      let request = CreateUserRequest.with {
        $0.name = name
        $0.email = email
      }
      print(try await users.createUser(request, options: options).shown)
    case .list(let limit):
      let request = ListUsersRequest.with { $0.limit = limit }
      for try await user in try await users.listUsers(request, options: options) {
        print(user.shown)
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
