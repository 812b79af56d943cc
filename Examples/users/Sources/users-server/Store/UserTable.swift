// SPDX-License-Identifier: Apache-2.0
import Synchronization
import UsersAPI

/// The table of users, seen through one connection. May be used from any thread; a caller waits
/// while another uses it.
final class UserTable: Sendable {
  private let path: String
  private let connection: Mutex<Connection?>

  /// Opens the database at `path`; the writer sees to it that the table is there.
  init(_ path: String, _ role: Connection.Role) throws(StoreError) {
    self.path = path
    connection = Mutex(try Connection(path, role))
  }

  /// Creates users in one transaction; nil for one whose email is taken. When this throws, none was
  /// created.
  func insert(_ users: [NewUser]) throws(StoreError) -> [UserResponse?] {
    try withConnection { (connection) throws(StoreError) in try connection.insert(users) }
  }

  /// The user of that id; nil when there is none.
  func user(id: Int64) throws(StoreError) -> UserResponse? {
    try withConnection { (connection) throws(StoreError) in try connection.user(id: id) }
  }

  /// The first `limit` users with an id greater than `id`.
  func users(after id: Int64, limit: Int) throws(StoreError) -> [UserResponse] {
    try withConnection { (connection) throws(StoreError) in
      try connection.users(after: id, limit: limit)
    }
  }

  /// Closes the connection.
  func close() { connection.withLock { $0 = nil } }

  private func withConnection<Result: Sendable>(
    _ body: (Connection) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try connection.withLock { (connection) throws(StoreError) in
      guard let connection else { throw StoreError("the data file \(path) was closed") }
      return try body(connection)
    }
  }
}
