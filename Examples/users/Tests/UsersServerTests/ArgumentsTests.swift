// SPDX-License-Identifier: Apache-2.0
import Serving
import Testing

@testable import users_server

struct ArgumentsTests {
  @Test func everythingHasADefault() throws {
    let arguments = try Arguments([])
    #expect(arguments.server.port == 50051)
    #expect(arguments.data == "users.db")
    #expect(arguments.tokenKeys == nil && arguments.audience == nil)
  }

  @Test func theDataFileIsRead() throws {
    #expect(try Arguments(["--data", ":memory:", "--port", "0"]).data == ":memory:")
  }

  @Test(arguments: [
    ["--data"], ["--data", ""], ["--colour", "red"], ["--jwt-audience", "users"],
    ["--jwt-keys", "a.pem", "--jwt-secret", "b"],
  ])
  func wrongUsageNamesTheFlag(_ words: [String]) {
    let error = #expect(throws: UsageError.self) { try Arguments(words) }
    #expect(error?.description.contains(words[0]) == true)
  }
}
