// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc
import UsersAPI

/// Carries out commands, one after the other, and listens to the chat meanwhile.
actor Session {
  private let users: UserServiceClient
  private let screen: Screen
  private let rooms: RoomNames
  private let options = CallOptions.timeout(.seconds(10))
  private var name = getenv("USER").map { String(cString: $0).printable } ?? "guest"
  private var room = "lobby"
  private var chat: Chat?
  /// Whether a command could not be carried out.
  private(set) var hasFailed = false

  init(_ users: UserServiceClient, screen: Screen, rooms: RoomNames) {
    self.users = users
    self.screen = screen
    self.rooms = rooms
  }

  /// - Returns: Whether to go on.
  func carryOut(_ line: String) async -> Bool {
    let words = line.split(separator: " ")
    guard let word = words.first else { return true }
    guard let command = Command(rawValue: String(word)) else {
      screen.print("\(String(word).printable) is not a command; `help` lists them")
      hasFailed = true
      return true
    }
    do {
      return try await carryOut(command, words.dropFirst().map(String.init))
    } catch let error as UsageError {
      screen.print("\(error)")
    } catch let error as RPCError {
      screen.print(Task.isCancelled ? "given up" : error.description.printable)
    } catch {
      screen.print("\(error)".printable)
    }
    hasFailed = true
    return true
  }

  private func carryOut(_ command: Command, _ words: [String]) async throws -> Bool {
    let wrong = UsageError("usage: \(command.usage)")
    switch command {
    case .get:
      guard words.count == 1, let id = words.first.flatMap({ Int64($0) }) else { throw wrong }
      screen.print(try await users.getUser(.with { $0.id = id }, options: options).shown)
    case .create:
      let request = try Self.user(words[...], orThrow: wrong)
      screen.print(try await users.createUser(request, options: options).shown)
    case .list:
      let numbers = words.compactMap { Int64($0) }
      guard words.count <= 2, numbers.count == words.count else { throw wrong }
      try await list(numbers.first ?? 0, after: numbers.dropFirst().first ?? 0, orThrow: wrong)
    case .batch:
      try await createAll(words, orThrow: wrong)
    case .name:
      guard !words.isEmpty else { throw wrong }
      name = words.joined(separator: " ")
      screen.print("you chat as \(name.printable)")
    case .join:
      room = words.isEmpty ? "lobby" : words.joined(separator: " ")
      rooms.add(room)
      try await speak("")
    case .say:
      guard !words.isEmpty else { throw wrong }
      try await speak(words.joined(separator: " "))
    case .leave: await leave()
    case .help: screen.print(Command.helpText)
    case .quit: return false
    }
    return true
  }

  /// Says nothing more in the chat, and waits for what was said until now.
  func leave() async {
    await chat?.leave()
    chat = nil
  }

  private func speak(_ content: String) async throws {
    let isIn = if let chat { await !chat.isOver } else { false }
    if !isIn {
      let new = Chat(try await users.chatStream())
      await new.begin(printingOn: screen)
      chat = new
    }
    try await chat?.say(
      .with {
        $0.sender = name
        $0.room = room
        $0.content = content
      })
  }

  private func list(_ limit: Int64, after id: Int64, orThrow wrong: UsageError) async throws {
    guard let limit = Int32(exactly: limit) else { throw wrong }
    let request = ListUsersRequest.with {
      $0.limit = limit
      $0.afterId = id
    }
    var count = 0
    for try await user in try await users.listUsers(request, options: options) {
      screen.print(user.shown)
      count += 1
    }
    screen.print("\(count) users")
  }

  private func createAll(_ words: [String], orThrow wrong: UsageError) async throws {
    let requests = try words.joined(separator: " ").split(separator: ",").map {
      try Self.user($0.split(separator: " ").map(String.init)[...], orThrow: wrong)
    }
    guard !requests.isEmpty else { throw wrong }
    let creating = try await users.createUsers(options: options)
    for request in requests { try await creating.write(request) }
    let response = try await creating.finish()
    for user in response.users { screen.print("created  \(user.shown)") }
    for failure in response.failures {
      screen.print("refused  number \(failure.index + 1): \(failure.message.printable)")
    }
  }

  private static func user(
    _ words: ArraySlice<String>, orThrow wrong: UsageError
  ) throws(UsageError) -> CreateUserRequest {
    guard words.count >= 2, let email = words.last else { throw wrong }
    return .with {
      $0.name = words.dropLast().joined(separator: " ")
      $0.email = email
    }
  }
}
