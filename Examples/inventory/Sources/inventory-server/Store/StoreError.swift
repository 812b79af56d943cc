// SPDX-License-Identifier: Apache-2.0
import CSQLite
import Glibc

/// What went wrong in the database. For the log and for the person who starts the server, never for
/// a caller: it names files.
package struct StoreError: Error, CustomStringConvertible {
  /// What was tried, on which file, and why it failed.
  package let description: String
  /// Whether the same call may succeed later with nothing mended but the machine.
  let isTemporary: Bool

  init(_ description: String, isTemporary: Bool = false) {
    self.description = description
    self.isTemporary = isTemporary
  }

  /// The failure of `action` on the file at `path` with one of SQLite's result codes.
  init(_ action: String, _ path: String, code: Int32, database: OpaquePointer?) {
    let primary = code & 0xff  // The extended codes have the general one in their low byte.
    var reason =
      switch primary {
      case SQLITE_BUSY, SQLITE_LOCKED: "another program has locked it"
      case SQLITE_FULL: "the disk is full"
      case SQLITE_READONLY: "it is read-only"
      case SQLITE_CORRUPT: "it is damaged; restore it from a copy, or try `sqlite3 FILE .recover`"
      case SQLITE_NOTADB: "it is not an SQLite database; choose another file with --data"
      default: String(cString: sqlite3_errmsg(database))
      }
    if primary == SQLITE_CANTOPEN || primary == SQLITE_IOERR {
      switch sqlite3_system_errno(database) {
      case 0: break
      // SQLite tries again without writing and without making the file, and reports that attempt.
      case ENOENT: reason = "its folder is not there, or you may not write to it"
      case let code: reason += " (\(String(cString: strerror(code))))"
      }
    }
    self.init(
      "cannot \(action) the data file \(path): \(reason)",
      isTemporary: [SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL, SQLITE_IOERR].contains(primary))
  }
}
