// SPDX-License-Identifier: Apache-2.0

/// Keeps the items, in an SQLite database. Nothing else in this program knows SQLite.
///
/// SQLite's calls block, so who calls it on which thread is the design here:
///
/// - **Writes** wait for the disk, milliseconds. They belong to this actor, and the actor has a
///   thread of its own (``BlockingExecutor``), so that a slow disk stops no event loop. There is
///   one writer, which is all that SQLite allows.
/// - **Reads** find what they want in SQLite's page cache, microseconds. They are `nonisolated`, run
///   on the caller's event loop and have a connection of their own: a WAL database lets them read
///   while the writer writes. A database much larger than memory would want them off the loop, too:
///   `Handler.offLoop()` does that.
///
/// An item counts as added when its transaction is on disk (`synchronous=FULL`). All additions that
/// come while the disk works on one transaction share the next, so that a hundred callers wait for
/// two turns of the disk and not for a hundred.
package actor ItemStore {
  private struct Addition {
    let item: Item
    let continuation: CheckedContinuation<Bool, any Error>
  }

  private let executor = BlockingExecutor(label: "inventory.store")
  private let writer: ItemTable
  private let reader: ItemTable
  private var waiting: [Addition] = []

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Opens the database file at `path`, or makes it; `:memory:` is one without a file. While another
  /// program has the file locked, an addition is tried again for `patienceMilliseconds`.
  package init(_ path: String, patienceMilliseconds: Int32 = 5_000) throws(StoreError) {
    writer = try ItemTable(path, .writer(patienceMilliseconds: patienceMilliseconds))
    // A database in memory is its connection's own; there the reader takes turns with the writer.
    reader = path == ":memory:" ? writer : try ItemTable(path, .reader)
  }

  /// Adds `item` and returns true when it is on disk; false, with nothing changed, when there is an
  /// item of that name.
  func add(_ item: Item) async throws -> Bool {
    try await withCheckedThrowingContinuation { continuation in
      waiting.append(Addition(item: item, continuation: continuation))
      // This runs behind the additions that are queued for the actor already, and takes them along.
      if waiting.count == 1 { Task { self.writeWaiting() } }
    }
  }

  private func writeWaiting() {
    let additions = waiting
    waiting.removeAll()
    do throws(StoreError) {
      let added = try writer.insert(additions.map(\.item))
      for (addition, isNew) in zip(additions, added) {
        addition.continuation.resume(returning: isNew)
      }
    } catch {
      for addition in additions { addition.continuation.resume(throwing: error) }
    }
  }

  /// The item of that name; nil when there is none.
  nonisolated func item(named name: String) throws(StoreError) -> Item? {
    try reader.item(named: name)
  }

  /// The first `limit` items with a name greater than `name`, in the order of the names' bytes.
  nonisolated func items(after name: String, limit: Int) throws(StoreError) -> [Item] {
    try reader.items(after: name, limit: limit)
  }

  /// Closes the database; SQLite moves what is in the `-wal` file into the main one. Every later
  /// use of the store throws.
  package func close() {
    reader.close()
    writer.close()
  }
}
