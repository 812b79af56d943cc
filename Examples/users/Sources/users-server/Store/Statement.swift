// SPDX-License-Identifier: Apache-2.0
import CSQLite

/// A prepared statement. Parameters count from 1 and columns from 0, as in SQLite.
final class Statement {
  private let handle: OpaquePointer
  private let database: Database

  init(_ handle: OpaquePointer, of database: Database) {
    self.handle = handle
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  /// Runs `body` and makes the statement ready for its next use, also after an error: a statement
  /// that is left half-way would keep its read transaction open.
  func use<Result>(_ body: (Statement) throws(StoreError) -> Result) throws(StoreError) -> Result {
    defer { sqlite3_reset(handle) }
    return try body(self)
  }

  /// Goes to the next row; false after the last, or when there are none.
  func step() throws(StoreError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw database.error("use", code)
    }
  }

  func bind(_ index: Int32, _ text: String) throws(StoreError) {
    var text = text
    try check(
      text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          csqlite_bind_text(handle, index, $0.baseAddress, Int32($0.count))
        }
      })
  }

  func bind(_ index: Int32, _ value: Int64) throws(StoreError) {
    try check(sqlite3_bind_int64(handle, index, value))
  }

  /// A column's text.
  func text(_ column: Int32) -> String {
    // SAFETY: the bytes hold until the next step or reset; they are copied here. The pointer is
    // asked for before the count, as SQLite wants it.
    guard let bytes = sqlite3_column_text(handle, column) else { return "" }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  private func check(_ code: Int32) throws(StoreError) {
    guard code == SQLITE_OK else { throw database.error("use", code) }
  }
}
