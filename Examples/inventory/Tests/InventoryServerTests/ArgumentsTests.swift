// SPDX-License-Identifier: Apache-2.0
import Amaru
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

  @Test func aCertificateAndItsKeySwitchTLSOn() throws {
    #expect(try Arguments([]).tls == nil)
    let files = ["--tls-cert", "a.pem", "--tls-key", "a.key"]
    var wanted = ServerTLS(certificateChain: .file("a.pem"), privateKey: .file("a.key"))
    #expect(try Arguments(files).tls == wanted)
    wanted.clientAuthentication = .required(authorities: .file("ca.pem"))
    #expect(try Arguments(files + ["--tls-client-ca", "ca.pem"]).tls == wanted)
  }

  @Test func metricsAndTheAccessLogAreOffUntilTheyAreAskedFor() throws {
    let none = try Arguments([])
    #expect(none.metrics == nil && none.accessLog == nil)
    let some = try Arguments(["--metrics", "[::1]:9464", "--access-log", "json"])
    #expect(some.metrics == .tcp(host: "::1", port: 9464))
    #expect(some.accessLog != nil)
  }

  @Test(arguments: [
    ["--metrics", "9464"], ["--metrics", ":9464"], ["--metrics", "a:"], ["--metrics", "a:65536"],
    ["--access-log", "xml"],
    ["--tls-cert", "a.pem"], ["--tls-key", "a.key"], ["--tls-client-ca", "ca.pem"],
    ["--colour", "red"], ["stray"], ["--port"], ["--port", "65536"], ["--port", "-1"],
    ["--loops", "0"], ["--loops", "65"], ["--data", ""],
  ])
  func wrongUsageNamesTheFlag(_ words: [String]) {
    let error = #expect(throws: UsageError.self) { try Arguments(words) }
    #expect(error?.description.contains(words[0]) == true)
  }
}
