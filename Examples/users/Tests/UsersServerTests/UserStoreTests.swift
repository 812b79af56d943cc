// SPDX-License-Identifier: Apache-2.0
import Testing
import UsersAPI

@testable import users_server

struct UserStoreTests {
  private func user(_ number: Int) -> NewUser {
    NewUser(name: "user \(number)", email: "u\(number)@example.com")
  }

  @Test func whatWasCreatedIsFoundAfterAnotherStart() async throws {
    let file = try TemporaryFile()
    let store = try UserStore(file.path)
    let created = try await store.create([user(1), user(2)])
    #expect(created.map { $0?.id } == [1, 2])
    await store.close()
    let again = try UserStore(file.path)
    #expect(try again.user(id: 2) == created[1])
    #expect(try again.user(id: 3) == nil)
    await again.close()
  }

  @Test func twoStoresShareOneFile() async throws {
    let file = try TemporaryFile()
    let first = try UserStore(file.path)
    let second = try UserStore(file.path)
    let created = try await first.create([user(1)])
    #expect(try second.user(id: 1) == created[0])
    let refused = try await second.create([user(1), user(2)])
    #expect(refused.map { $0?.name } == [nil, "user 2"])
    #expect(try first.users(after: 0, limit: 10).map(\.name) == ["user 1", "user 2"])
    await first.close()
    await second.close()
  }

  @Test func anEmailIsTakenWhateverItsCaseAndAlsoWithinOneBatch() async throws {
    let store = try UserStore(":memory:")
    let created = try await store.create([
      NewUser(name: "a", email: "Ada@Example.com"), NewUser(name: "b", email: "ada@example.COM"),
    ])
    #expect(created.map { $0?.email } == ["Ada@Example.com", nil])
  }

  @Test func manyCreatorsAtOnceGetWhatTheyAskedFor() async throws {
    let store = try UserStore(":memory:")
    try await withThrowingTaskGroup(of: (Int, [UserResponse?]).self) { tasks in
      for number in 0..<200 {
        tasks.addTask { (number, try await store.create([user(number), user(1000 + number)])) }
      }
      for try await (number, created) in tasks {
        #expect(created.map { $0?.name } == ["user \(number)", "user \(1000 + number)"])
      }
    }
    #expect(try store.users(after: 0, limit: 1000).count == 400)
  }

  @Test func aPageBeginsAfterAnIDAndHasItsLimit() async throws {
    let store = try UserStore(":memory:")
    _ = try await store.create((1...5).map(user))
    #expect(try store.users(after: 2, limit: 2).map(\.id) == [3, 4])
    #expect(try store.users(after: 5, limit: 2) == [])
  }

  @Test func aClosedStoreThrows() async throws {
    let store = try UserStore(":memory:")
    await store.close()
    await #expect(throws: StoreError.self) { _ = try await store.create([user(1)]) }
    #expect(throws: StoreError.self) { _ = try store.user(id: 1) }
  }

  @Test func anotherProgramsDatabaseIsLeftAlone() throws {
    let file = try TemporaryFile()
    let other = try Database(file.path)
    try other.execute("CREATE TABLE theirs (x)")
    let error = #expect(throws: StoreError.self) { _ = try UserStore(file.path) }
    #expect(error?.description.contains("another program's database") == true)
  }
}
