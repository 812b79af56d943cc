// SPDX-License-Identifier: Apache-2.0
import Amaru
import UsersAPI

/// The service that `users.proto` declares. One value serves all calls, on several event loops at once;
/// no method blocks its loop for long.
package struct UsersService: UserService {
  /// The most users that one `CreateUsers` creates.
  static let maxBatch = 1000
  private static let usersPerPage = 100

  private let store: UserStore
  private let rooms: Rooms
  private let logger: Logger

  /// Serves the users of `store` and the chat of `rooms`; what goes wrong in the database goes to
  /// `logger`.
  package init(store: UserStore, rooms: Rooms, logger: Logger) {
    self.store = store
    self.rooms = rooms
    self.logger = logger
  }

  package func getUser(_ request: GetUserRequest, context: CallContext) async throws -> UserResponse
  {
    var check = FieldCheck()
    if request.id < 1 { check.refuse("id", "id is \(request.id); the least is 1") }
    try check.finish()
    guard let user = try await reporting({ try store.user(id: request.id) }) else {
      throw RPCError(
        .notFound, "there is no user \(request.id)",
        attaching: Google_Rpc_ResourceInfo.with {
          $0.resourceType = "users.v1.User"
          $0.resourceName = "\(request.id)"
        })
    }
    return user
  }

  package func createUser(
    _ request: CreateUserRequest, context: CallContext
  ) async throws -> UserResponse {
    let user = try request.validated()
    // Suspends this call while the disk writes; the loop serves others meanwhile.
    let created = try await reporting { try await store.create([user]) }
    guard let first = created.first, let first else { throw RPCError(emailTaken: user.email) }
    return first
  }

  /// Reads a page, sends it, reads the next: a slow client holds neither a lock nor a transaction.
  package func listUsers(
    _ request: ListUsersRequest, to responses: MessageWriter<UserResponse>, context: CallContext
  ) async throws {
    var left = try request.validated()
    var last = request.afterId
    while left > 0 {
      let limit = min(left, Self.usersPerPage)
      let page = try await reporting { try store.users(after: last, limit: limit) }
      for user in page { try await responses.write(user) }
      guard page.count == limit, let final = page.last else { return }
      last = final.id
      left -= limit
    }
  }

  package func createUsers(
    _ requests: MessageStream<CreateUserRequest>, context: CallContext
  ) async throws -> CreateUsersResponse {
    var users: [(index: Int32, user: NewUser)] = []
    var failures: [CreateUsersResponse.Failure] = []
    var index: Int32 = 0
    for try await request in requests {
      guard index < Self.maxBatch else {
        throw RPCError(
          .resourceExhausted, "one call creates \(Self.maxBatch) users at most; none was created")
      }
      do throws(RPCError) {
        users.append((index, try request.validated()))
      } catch {
        failures.append(CreateUsersResponse.Failure(index, error))
      }
      index += 1
    }
    let wanted = users
    let created = try await reporting { try await store.create(wanted.map(\.user)) }
    for ((index, user), created) in zip(wanted, created) where created == nil {
      failures.append(CreateUsersResponse.Failure(index, RPCError(emailTaken: user.email)))
    }
    let sorted = failures.sorted { $0.index < $1.index }
    return .with {
      $0.users = created.compactMap { $0 }
      $0.failures = sorted
    }
  }

  /// Three tasks, all on the call's loop: one hears the caller, one speaks to it, and one ends both when
  /// the member is dropped.
  package func chatStream(
    _ requests: MessageStream<ChatMessage>, to responses: MessageWriter<ChatMessage>,
    context: CallContext
  ) async throws {
    let member = try rooms.enter()
    defer { rooms.leave(member) }
    try await withThrowingTaskGroup(of: Void.self) { [rooms] tasks in
      tasks.addTask {
        for try await message in requests {
          rooms.say(try message.validated(), by: member)
          await member.waitUntilShort()
        }
        rooms.leave(member)
      }
      tasks.addTask {
        while let messages = try await member.take() {
          for message in messages { try await responses.write(message) }
        }
      }
      tasks.addTask { try await member.waitUntilLeft() }
      // The first error ends the others.
      while try await tasks.next() != nil {}
    }
  }

  /// Turns the store's errors into what a caller may know; the rest goes to the log.
  private func reporting<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch let error as StoreError {
      logger.log(.error, "\(error)")
      throw error.isTemporary
        ? RPCError(.unavailable, "the users cannot be read or stored now; try again later")
        : RPCError(.internal, "the users cannot be read or stored; the server's log says why")
    }
  }
}

extension RPCError {
  /// `ALREADY_EXISTS` for an email; the details are a `google.rpc.ResourceInfo`.
  fileprivate init(emailTaken email: String) {
    self.init(
      .alreadyExists, "another user has the email \(email)",
      attaching: Google_Rpc_ResourceInfo.with {
        $0.resourceType = "users.v1.User"
        $0.resourceName = email
        $0.description = "its email is taken"
      })
  }
}

extension CreateUsersResponse.Failure {
  fileprivate init(_ index: Int32, _ error: RPCError) {
    self.init()
    self.index = index
    code = Int32(error.code.rawValue)
    message = error.message
  }
}
