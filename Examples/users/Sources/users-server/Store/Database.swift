// SPDX-License-Identifier: Apache-2.0
import CSQLite

/// A connection to an SQLite database. One thread at a time uses it and its statements.
final class Database {
  let path: String
  private let handle: OpaquePointer

  /// Opens the file at `path`, or makes it.
  init(_ path: String) throws(StoreError) {
    // SQLite need not lock the connection: `UserTable` does.
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, flags, nil)
    guard code == SQLITE_OK, let handle else {
      defer { sqlite3_close_v2(handle) }
      throw StoreError("open", path, code: code, database: handle)
    }
    sqlite3_extended_result_codes(handle, 1)
    self.path = path
    self.handle = handle
  }

  // The "v2" waits for statements that are not finalised yet, whatever Swift lets go of first.
  deinit { sqlite3_close_v2(handle) }

  /// Whether the file could not be opened for writing.
  var isReadOnly: Bool { sqlite3_db_readonly(handle, "main") == 1 }

  /// The id that the last `INSERT` gave.
  var lastRowID: Int64 { sqlite3_last_insert_rowid(handle) }

  /// How many rows the last `INSERT` made.
  var changedRows: Int { Int(sqlite3_changes(handle)) }

  /// Whether a transaction is open. SQLite ends one by itself after some errors.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// How long to try again when another program has locked the file.
  func setPatience(milliseconds: Int32) { sqlite3_busy_timeout(handle, milliseconds) }

  /// Runs statements that give no rows, or whose rows nobody wants.
  func execute(_ sql: String) throws(StoreError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error("use", code) }
  }

  /// The first column of a query's first row, as a number: for pragmas.
  func number(_ sql: String) throws(StoreError) -> Int64 {
    let statement = try prepare(sql)
    return try statement.step() ? statement.integer(0) : 0
  }

  /// Prepares a statement, to be kept and used many times.
  func prepare(_ sql: String) throws(StoreError) -> Statement {
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(
      handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw error("use", code) }
    return Statement(statement, of: self)
  }

  /// The error for a result code of the last call.
  func error(_ action: String, _ code: Int32) -> StoreError {
    StoreError(action, path, code: code, database: handle)
  }
}
