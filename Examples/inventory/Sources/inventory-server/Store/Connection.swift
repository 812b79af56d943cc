// SPDX-License-Identifier: Apache-2.0

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
    insertOne = try database.prepare(
      "INSERT INTO items (name, quantity, price) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
    selectOne = try database.prepare("SELECT name, quantity, price FROM items WHERE name = ?1")
    // The position is a name, not a number of rows (OFFSET): it costs the same on every page, and
    // items that are added meanwhile shift nothing.
    selectPage = try database.prepare(
      "SELECT name, quantity, price FROM items WHERE name > ?1 ORDER BY name LIMIT ?2")
  }

  func insert(_ items: [Item]) throws(StoreError) -> [Bool] {
    try database.execute("BEGIN IMMEDIATE")
    do throws(StoreError) {
      var added: [Bool] = []
      for item in items { added.append(try insert(item)) }
      try database.execute("COMMIT")
      return added
    } catch {
      if database.isInTransaction { try? database.execute("ROLLBACK") }
      throw error
    }
  }

  private func insert(_ item: Item) throws(StoreError) -> Bool {
    try insertOne.use { (statement) throws(StoreError) in
      try statement.bind(1, bytesOf: item.name)
      try statement.bind(2, Int64(item.quantity))
      try statement.bind(3, item.price)
      _ = try statement.step()
      return database.changedRows == 1
    }
  }

  func item(named name: String) throws(StoreError) -> Item? {
    try selectOne.use { (statement) throws(StoreError) in
      try statement.bind(1, bytesOf: name)
      return try statement.step() ? item(statement) : nil
    }
  }

  func items(after name: String, limit: Int) throws(StoreError) -> [Item] {
    try selectPage.use { (statement) throws(StoreError) in
      try statement.bind(1, bytesOf: name)
      try statement.bind(2, Int64(limit))
      var items: [Item] = []
      while try statement.step() { items.append(item(statement)) }
      return items
    }
  }

  private func item(_ row: Statement) -> Item {
    .with { item in
      item.name = row.text(0)
      item.quantity = Int32(truncatingIfNeeded: row.integer(1))
      item.price = row.double(2)
    }
  }
}
