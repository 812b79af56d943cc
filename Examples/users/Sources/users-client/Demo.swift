// SPDX-License-Identifier: Apache-2.0
import Amaru
import UsersAPI

/// Calls each kind of RPC once, and makes the mistakes that a server must refuse. Every answer is checked.
struct Demo {
  let users: UserServiceClient
  /// Emails are unique: no earlier run has these.
  private let run = String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16)
  private let options = CallOptions.timeout(.seconds(10))

  init(_ users: UserServiceClient) { self.users = users }

  /// - Throws: ``UnexpectedAnswer``, and ``RPCError`` when a call fails that should not.
  func callAll() async throws {
    let ada = try await unary()
    try await clientStreaming()
    try await serverStreaming(from: ada)
    try await bidirectionalStreaming()
    try await mistakes(with: ada)
    output("\nAll answers were as the contract says.")
  }

  private func unary() async throws -> UserResponse {
    title("Unary: CreateUser and GetUser")
    let created = try await users.createUser(
      .with {
        $0.name = "Ada Lovelace"
        $0.email = "ada-\(run)@example.com"
      }, options: options)
    output("  created  \(created.shown)")
    let found = try await users.getUser(.with { $0.id = created.id }, options: options)
    output("  found    \(found.shown)")
    try UnexpectedAnswer.check(
      found == created, otherwise: "GetUser does not return what CreateUser did")
    return created
  }

  private func clientStreaming() async throws {
    title("Client streaming: CreateUsers, with one that cannot be created")
    let creating = try await users.createUsers(options: options)
    for (name, email) in [
      ("Alan Turing", "alan-\(run)@example.com"), ("Nobody", "no email"),
      ("Grace Hopper", "grace-\(run)@example.com"),
    ] {
      try await creating.write(
        .with {
          $0.name = name
          $0.email = email
        })
    }
    let response = try await creating.finish()
    for user in response.users { output("  created  \(user.shown)") }
    for failure in response.failures {
      output("  refused  request \(failure.index): \(failure.message.printable)")
    }
    try UnexpectedAnswer.check(
      response.users.count == 2 && response.failures.map(\.index) == [1],
      otherwise: "all but the second should have been created")
  }

  private func serverStreaming(from first: UserResponse) async throws {
    title("Server streaming: ListUsers")
    var list: [UserResponse] = []
    let request = ListUsersRequest.with {
      $0.limit = 3
      $0.afterId = first.id - 1
    }
    for try await user in try await users.listUsers(request, options: options) {
      output("  \(user.shown)")
      list.append(user)
    }
    try UnexpectedAnswer.check(
      list.count == 3 && list.first == first,
      otherwise: "ListUsers did not send the three just created")
  }

  private func bidirectionalStreaming() async throws {
    title("Bidirectional streaming: ChatStream")
    let said = ["Hello!", "How are you?", "Goodbye."]
    let chat = try await users.chatStream(options: options)
    var heard = chat.responses.makeAsyncIterator()
    for content in said {
      try await chat.write(
        .with {
          $0.sender = "Swift"
          $0.room = "demo-\(run)"
          $0.content = content
        })
      let message = try await heard.next()
      output("  \(message?.shown ?? "(nothing)")")
      try UnexpectedAnswer.check(
        message?.content == content, otherwise: "the chat did not return what was said")
    }
    try await chat.finish()
    let end = try await heard.next()
    try UnexpectedAnswer.check(end == nil, otherwise: "the chat went on after its end")
  }

  private func mistakes(with ada: UserResponse) async throws {
    title("Calls that must fail")
    try await expect(.notFound, "an unknown id") {
      _ = try await users.getUser(.with { $0.id = ada.id + 1_000_000 }, options: options)
    }
    try await expect(.alreadyExists, "a taken email") {
      _ = try await users.createUser(
        .with {
          $0.name = "A"
          $0.email = ada.email
        }, options: options)
    }
    try await expect(.invalidArgument, "two wrong fields") {
      _ = try await users.createUser(.with { $0.email = "a@b" }, options: options)
    }
    try await expect(.invalidArgument, "a limit too high") {
      for try await _ in try await users.listUsers(.with { $0.limit = 1001 }, options: options) {}
    }
  }

  private func expect(
    _ code: StatusCode, _ what: String, _ call: () async throws -> Void
  ) async throws {
    do {
      try await call()
    } catch let error as RPCError where error.code == code {
      output("  \(what): \(error.description.printable)")
      // The details are typed: a program need not read the message.
      let fields = try error.detail(Google_Rpc_BadRequest.self)?.fieldViolations.map(\.field)
      if let fields { output("    wrong: \(fields.joined(separator: ", ").printable)") }
      return
    }
    throw UnexpectedAnswer("\(what): \(code.name) was expected, and the call succeeded")
  }

  private func title(_ text: String) {
    output("\n\(text)\n\(String(repeating: "-", count: text.count))")
  }
}
