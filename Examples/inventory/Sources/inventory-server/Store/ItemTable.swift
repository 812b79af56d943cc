// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The table of items, seen through one connection. May be used from any thread; a caller waits
/// while another uses it.
final class ItemTable: Sendable {
  private let path: String
  private let connection: Mutex<Connection?>

  /// Opens the database at `path`; the writer sees to it that the table is there.
  init(_ path: String, _ role: Connection.Role) throws(StoreError) {
    self.path = path
    connection = Mutex(try Connection(path, role))
  }

  /// Adds items in one transaction, and says of each whether it was new. When this throws, none was
  /// added.
  func insert(_ items: [Item]) throws(StoreError) -> [Bool] {
    try withConnection { (connection) throws(StoreError) in try connection.insert(items) }
  }

  /// The item of that name; nil when there is none.
  func item(named name: String) throws(StoreError) -> Item? {
    try withConnection { (connection) throws(StoreError) in try connection.item(named: name) }
  }

  /// The first `limit` items with a name greater than `name`.
  func items(after name: String, limit: Int) throws(StoreError) -> [Item] {
    try withConnection { (connection) throws(StoreError) in
      try connection.items(after: name, limit: limit)
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
