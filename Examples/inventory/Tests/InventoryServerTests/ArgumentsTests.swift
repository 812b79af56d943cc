// SPDX-License-Identifier: Apache-2.0
import Serving
import Testing

@testable import inventory_server

struct ArgumentsTests {
  @Test func everythingHasADefault() throws {
    let arguments = try Arguments([])
    #expect(arguments.server.port == 50051)
    #expect(arguments.data == "inventory.db")
  }

  @Test func theDataFileIsRead() throws {
    #expect(try Arguments(["--data", ":memory:", "--port", "0"]).data == ":memory:")
  }

  @Test(arguments: [["--data"], ["--data", ""], ["--colour", "red"]])
  func wrongUsageNamesTheFlag(_ words: [String]) {
    let error = #expect(throws: UsageError.self) { try Arguments(words) }
    #expect(error?.description.contains(words[0]) == true)
  }
}
