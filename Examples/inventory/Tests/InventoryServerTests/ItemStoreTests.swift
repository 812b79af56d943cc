// SPDX-License-Identifier: Apache-2.0
import Amaru
import Testing

@testable import inventory_server

struct ItemStoreTests {
  private func item(_ name: String, _ quantity: Int32 = 1, _ price: Double = 0.5) -> Item {
    .with { item in
      item.name = name
      item.quantity = quantity
      item.price = price
    }
  }

  @Test func anItemComesBackAsItWasAdded() async throws {
    let store = try ItemStore(":memory:")
    for name in ["bolt", "é", "nul\0inside", "'; drop table items; --"] {
      #expect(try await store.add(item(name, .max, .leastNonzeroMagnitude)))
      #expect(try store.item(named: name) == item(name, .max, .leastNonzeroMagnitude))
    }
    #expect(try store.item(named: "nul") == nil)
  }

  @Test func theSecondItemOfANameChangesNothing() async throws {
    let store = try ItemStore(":memory:")
    #expect(try await store.add(item("bolt", 1)))
    #expect(try await !store.add(item("bolt", 2)))
    #expect(try store.item(named: "bolt") == item("bolt", 1))
  }

  @Test func pagesFollowTheBytesOfTheNames() async throws {
    let store = try ItemStore(":memory:")
    let names = ["a", "a\0", "Z", "e\u{301}", "\u{e9}", "\u{ff21}", "\u{1f40d}"]
    for name in names { #expect(try await store.add(item(name))) }
    let sorted = names.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    var listed: [[UInt8]] = []
    var last = ""
    while let next = try store.items(after: last, limit: 2).nonEmpty {
      #expect(next.count <= 2)
      listed += next.map { Array($0.name.utf8) }
      last = next[next.count - 1].name
    }
    #expect(listed == sorted)
  }

  @Test func ofConcurrentAdditionsOfANameJustOneIsNew() async throws {
    let file = try TemporaryFile()
    let store = try ItemStore(file.path)
    let new = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<200 {
        group.addTask { try await store.add(item("item \(number % 50)", Int32(number))) }
      }
      return try await group.reduce(into: 0) { count, isNew in count += isNew ? 1 : 0 }
    }
    #expect(new == 50)
    #expect(try store.items(after: "", limit: 100).count == 50)
    await store.close()
  }

  @Test func aFileKeepsItsItems() async throws {
    let file = try TemporaryFile()
    let first = try ItemStore(file.path)
    #expect(try await first.add(item("bolt", 7)))
    await first.close()
    let second = try ItemStore(file.path)
    #expect(try second.item(named: "bolt") == item("bolt", 7))
    await second.close()
  }

  @Test func aClosedStoreThrows() async throws {
    let store = try ItemStore(":memory:")
    await store.close()
    #expect(throws: StoreError.self) { try store.item(named: "bolt") }
    await #expect(throws: StoreError.self) { try await store.add(item("bolt")) }
  }

  @Test func anotherProgramsDatabaseIsLeftAlone() throws {
    let file = try TemporaryFile()
    try Database(file.path).execute("CREATE TABLE theirs (id INTEGER)")
    let error = #expect(throws: StoreError.self) { try ItemStore(file.path) }
    #expect(error?.description.contains("another program's") == true)
    #expect(try Database(file.path).number("SELECT count(*) FROM sqlite_schema") == 1)
  }

  @Test func aNewerVersionOfTheTablesIsRefused() async throws {
    let file = try TemporaryFile()
    try await ItemStore(file.path).close()
    try Database(file.path).execute("PRAGMA user_version = 2")
    let error = #expect(throws: StoreError.self) { try ItemStore(file.path) }
    #expect(error?.description.contains("version 2") == true)
  }

  @Test func aLockedFileMakesAdditionsFailForNowAndReadsGoOn() async throws {
    let file = try TemporaryFile()
    let store = try ItemStore(file.path, patienceMilliseconds: 1)
    #expect(try await store.add(item("bolt")))
    let other = try Database(file.path)
    try other.execute("BEGIN IMMEDIATE")
    let error = await #expect(throws: StoreError.self) { try await store.add(item("nut")) }
    #expect(error?.isTemporary == true)
    #expect(try store.item(named: "bolt") == item("bolt"))
    try other.execute("ROLLBACK")
    #expect(try await store.add(item("nut")))
    await store.close()
  }
}

extension Array {
  fileprivate var nonEmpty: Self? { isEmpty ? nil : self }
}
