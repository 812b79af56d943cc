// SPDX-License-Identifier: Apache-2.0

/// What the database looks like, and how it is made.
enum Schema {
  /// Marks the file as ours ("User" in ASCII), so that no other program's database is changed.
  private static let applicationID: Int64 = 0x5573_6572
  private static let version: Int64 = 1

  /// Makes the table in a new database; checks that any other is ours. Several servers may do so at
  /// the same time, with the same file.
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
    // AUTOINCREMENT: an id is never given twice. NOCASE: emails differ by more than ASCII's case.
    try database.execute(
      """
      BEGIN IMMEDIATE;
      CREATE TABLE IF NOT EXISTS users (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        email TEXT NOT NULL UNIQUE COLLATE NOCASE,
        created_seconds INTEGER NOT NULL,
        created_nanos INTEGER NOT NULL
      ) STRICT;
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
