// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import inventory_server

struct ArgumentsTests {
  @Test func everythingHasADefault() throws {
    let arguments = try Arguments([])
    #expect(arguments.addresses.map(\.description) == ["127.0.0.1:50051"])
    #expect(arguments.data == "inventory.db")
    #expect(arguments.loops == 1)
  }

  @Test func everyFlagIsRead() throws {
    let words = "--host ::1 --port 0 --socket /tmp/s --data :memory: --loops 64"
    let arguments = try Arguments(words.split(separator: " ").map(String.init))
    #expect(arguments.addresses.map(\.description) == ["[::1]:0", "unix:/tmp/s"])
    #expect(arguments.data == ":memory:")
    #expect(arguments.loops == 64)
  }

  @Test(arguments: [
    ["--colour", "red"], ["stray"], ["--port"], ["--port", "65536"], ["--port", "-1"],
    ["--loops", "0"], ["--loops", "65"], ["--data", ""],
  ])
  func wrongUsageNamesTheFlag(_ words: [String]) {
    let error = #expect(throws: UsageError.self) { try Arguments(words) }
    #expect(error?.description.contains(words[0]) == true)
  }
}
