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

  /// Carries out a line of bytes that nobody has looked at yet.
  /// - Returns: Whether to go on.
  func carryOut(_ line: ArraySlice<UInt8>) async -> Bool {
    guard let text = String(validating: line, as: UTF8.self) else {
      screen.print("the line is not valid UTF-8")
      hasFailed = true
      return true
    }
    return await carryOut(text)
  }

  /// - Returns: Whether to go on.
  func carryOut(_ line: String) async -> Bool {
    let line = line.drop { $0 == " " }
    let word = String(line.prefix { $0 != " " })
    guard !word.isEmpty else { return true }
    guard let command = Command(rawValue: word) else {
      screen.print("\(word.printable) is not a command; `help` lists them")
      hasFailed = true
      return true
    }
    do {
      return try await carryOut(command, Self.trimmed(line.dropFirst(word.count)))
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

  private func carryOut(_ command: Command, _ rest: String) async throws -> Bool {
    let wrong = UsageError("usage: \(command.usage)")
    let words = rest.split(separator: " ")
    switch command {
    case .get:
      guard words.count == 1, let id = words.first.flatMap({ Int64($0) }) else { throw wrong }
      screen.print(try await users.getUser(.with { $0.id = id }, options: options).shown)
    case .create:
      let request = try Self.user(rest, orThrow: wrong)
      screen.print(try await users.createUser(request, options: options).shown)
    case .list:
      let numbers = words.compactMap { Int64($0) }
      guard words.count <= 2, numbers.count == words.count else { throw wrong }
      try await list(numbers.first ?? 0, after: numbers.dropFirst().first ?? 0, orThrow: wrong)
    case .batch:
      try await createAll(rest, orThrow: wrong)
    case .name:
      guard !rest.isEmpty else { throw wrong }
      name = rest
      screen.print("you chat as \(name.printable)")
    case .join:
      room = rest.isEmpty ? "lobby" : rest
      rooms.add(room)
      try await speak("")
    case .say:
      guard !rest.isEmpty else { throw wrong }
      try await speak(rest)
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

  private func createAll(_ rest: String, orThrow wrong: UsageError) async throws {
    let requests = try rest.split(separator: ",").map {
      try Self.user(Self.trimmed($0), orThrow: wrong)
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
    _ text: String, orThrow wrong: UsageError
  ) throws(UsageError) -> CreateUserRequest {
    guard let blank = text.lastIndex(of: " ") else { throw wrong }
    return .with {
      $0.name = trimmed(text[..<blank])
      $0.email = String(text[text.index(after: blank)...])
    }
  }

  /// The text without the blanks around it; those inside stay as they were typed.
  private static func trimmed(_ text: Substring) -> String {
    let rest = text.drop { $0 == " " }
    guard let last = rest.lastIndex(where: { $0 != " " }) else { return "" }
    return String(rest[...last])
  }
}
