// SPDX-License-Identifier: Apache-2.0
import Amaru
import UsersAPI

/// A connection with the statements that the table needs, prepared once.
struct Connection {
  /// What a connection is for.
  enum Role {
    case writer(patienceMilliseconds: Int32)
    /// Used on an event loop, so it hardly waits. It need not: a WAL database lets readers in always,
    /// but for the moment in which another program repairs it after a crash.
    case reader

    var patienceMilliseconds: Int32 {
      switch self {
      case .writer(let milliseconds): milliseconds
      case .reader: 100
      }
    }
  }

  private let database: Database
  private let insertOne: Statement
  private let selectOne: Statement
  private let selectPage: Statement

  init(_ path: String, _ role: Role) throws(StoreError) {
    database = try Database(path)
    database.setPatience(milliseconds: role.patienceMilliseconds)
    if case .writer = role { try Schema.prepare(database) }
    let columns = "id, name, email, created_seconds, created_nanos"
    insertOne = try database.prepare(
      """
      INSERT INTO users (name, email, created_seconds, created_nanos) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (email) DO NOTHING
      """)
    selectOne = try database.prepare("SELECT \(columns) FROM users WHERE id = ?1")
    // The position is an id, not a number of rows (OFFSET): it costs the same on every page.
    selectPage = try database.prepare(
      "SELECT \(columns) FROM users WHERE id > ?1 ORDER BY id LIMIT ?2")
  }

  func insert(_ users: [NewUser]) throws(StoreError) -> [UserResponse?] {
    try database.execute("BEGIN IMMEDIATE")
    do throws(StoreError) {
      var created: [UserResponse?] = []
      for user in users { created.append(try insert(user)) }
      try database.execute("COMMIT")
      return created
    } catch {
      if database.isInTransaction { try? database.execute("ROLLBACK") }
      throw error
    }
  }

  private func insert(_ user: NewUser) throws(StoreError) -> UserResponse? {
    let now = Google_Protobuf_Timestamp.now
    return try insertOne.use { (statement) throws(StoreError) in
      try statement.bind(1, user.name)
      try statement.bind(2, user.email)
      try statement.bind(3, now.seconds)
      try statement.bind(4, Int64(now.nanos))
      _ = try statement.step()
      guard database.changedRows == 1 else { return nil }
      return .with {
        $0.id = database.lastRowID
        $0.name = user.name
        $0.email = user.email
        $0.createdTime = now
      }
    }
  }

  func user(id: Int64) throws(StoreError) -> UserResponse? {
    try selectOne.use { (statement) throws(StoreError) in
      try statement.bind(1, id)
      return try statement.step() ? user(statement) : nil
    }
  }

  func users(after id: Int64, limit: Int) throws(StoreError) -> [UserResponse] {
    try selectPage.use { (statement) throws(StoreError) in
      try statement.bind(1, id)
      try statement.bind(2, Int64(limit))
      var users: [UserResponse] = []
      while try statement.step() { users.append(user(statement)) }
      return users
    }
  }

  private func user(_ row: Statement) -> UserResponse {
    .with { user in
      user.id = row.integer(0)
      user.name = row.text(1)
      user.email = row.text(2)
      user.createdTime = .with {
        $0.seconds = row.integer(3)
        $0.nanos = Int32(truncatingIfNeeded: row.integer(4))
      }
    }
  }
}
