// SPDX-License-Identifier: Apache-2.0
import UsersAPI

/// Keeps the users, in an SQLite database that several servers may share.
///
/// SQLite's calls block. **Writes** wait for the disk, and for other servers: they belong to this
/// actor, which has a thread of its own (``BlockingExecutor``). **Reads** find what they want in the
/// page cache: they are `nonisolated` and run on the caller's event loop, over a connection of their
/// own. What comes while the disk works on one transaction shares the next.
package actor UserStore {
  private struct Creation {
    let users: [NewUser]
    let continuation: CheckedContinuation<[UserResponse?], any Error>
  }

  private let executor = BlockingExecutor(label: "users.store")
  private let writer: UserTable
  private let reader: UserTable
  private var waiting: [Creation] = []

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Opens the database file at `path`, or makes it; `:memory:` is one without a file. While another
  /// program has the file locked, a write is tried again for `patienceMilliseconds`.
  package init(_ path: String, patienceMilliseconds: Int32 = 5_000) throws(StoreError) {
    writer = try UserTable(path, .writer(patienceMilliseconds: patienceMilliseconds))
    // A database in memory is its connection's own; there the reader takes turns with the writer.
    reader = path == ":memory:" ? writer : try UserTable(path, .reader)
  }

  /// Creates users, all in one transaction, and returns when they are on disk: nil for one whose
  /// email is taken. When this throws, none was created.
  func create(_ users: [NewUser]) async throws -> [UserResponse?] {
    try await withCheckedThrowingContinuation { continuation in
      waiting.append(Creation(users: users, continuation: continuation))
      // This runs behind the creations that are queued for the actor already, and takes them along.
      if waiting.count == 1 { Task { self.writeWaiting() } }
    }
  }

  private func writeWaiting() {
    let creations = waiting
    waiting.removeAll()
    do throws(StoreError) {
      var created = try writer.insert(creations.flatMap(\.users))[...]
      for creation in creations {
        creation.continuation.resume(returning: Array(created.prefix(creation.users.count)))
        created = created.dropFirst(creation.users.count)
      }
    } catch {
      for creation in creations { creation.continuation.resume(throwing: error) }
    }
  }

  /// The user of that id; nil when there is none.
  nonisolated func user(id: Int64) throws(StoreError) -> UserResponse? {
    try reader.user(id: id)
  }

  /// The first `limit` users with an id greater than `id`, in the order of their ids.
  nonisolated func users(after id: Int64, limit: Int) throws(StoreError) -> [UserResponse] {
    try reader.users(after: id, limit: limit)
  }

  /// Closes the database; every later use of the store throws.
  package func close() {
    reader.close()
    writer.close()
  }
}
