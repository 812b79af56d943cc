// SPDX-License-Identifier: Apache-2.0

/// What the database looks like, and how it is made.
enum Schema {
  /// Marks the file as ours ("Inve" in ASCII), so that no other program's database is changed.
  private static let applicationID: Int64 = 0x496e_7665
  private static let version: Int64 = 1

  /// Makes the table in a new database; checks that any other is ours.
  static func prepare(_ database: Database) throws(StoreError) {
    let isNew = try database.number("SELECT count(*) FROM sqlite_schema") == 0
    if !isNew { try check(database) }
    guard !database.isReadOnly else {
      throw StoreError("the data file \(database.path) is read-only")
    }
    // Readers do not wait for the writer, and a commit is one append to the -wal file; FULL makes
    // each commit wait until that is on the disk.
    try database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    guard isNew else { return }
    // Names are BLOBs: SQLite then compares and orders them byte for byte, also past a NUL.
    try database.execute(
      """
      BEGIN IMMEDIATE;
      CREATE TABLE IF NOT EXISTS items (
        name BLOB NOT NULL PRIMARY KEY,
        quantity INTEGER NOT NULL CHECK (quantity >= 0),
        price REAL NOT NULL CHECK (price >= 0)
      ) STRICT, WITHOUT ROWID;
      PRAGMA application_id = \(applicationID);
      PRAGMA user_version = \(version);
      COMMIT;
      """)
  }

  private static func check(_ database: Database) throws(StoreError) {
    guard try database.number("PRAGMA application_id") == applicationID else {
      throw StoreError(
        "the data file \(database.path) is another program's database; choose another with --data")
    }
    let found = try database.number("PRAGMA user_version")
    guard found == version else {
      throw StoreError(
        "the data file \(database.path) has version \(found) of the tables, "
          + "and this program knows version \(version)")
    }
  }
}
