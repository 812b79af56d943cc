// SPDX-License-Identifier: Apache-2.0
import Amaru
import Serving
import Testing

struct ServerFlagsTests {
  private func flags(_ words: String) throws -> ServerFlags {
    try ServerFlags(words.split(separator: " ").map(String.init)) { flag, _ in
      flag == "--own"
    }
  }

  @Test func everythingHasADefault() throws {
    let flags = try flags("")
    #expect(flags.addresses.map(\.description) == ["127.0.0.1:50051"])
    #expect(flags.loops == 1)
    #expect(flags.tls == nil && flags.cors == nil && flags.metrics == nil)
    #expect(flags.accessLog == nil)
  }

  @Test func everyFlagIsRead() throws {
    let flags = try flags(
      "--host ::1 --port 0 --socket /tmp/s --own x --loops 64 --metrics [::1]:9464 --access-log json"
    )
    #expect(flags.addresses.map(\.description) == ["[::1]:0", "unix:/tmp/s"])
    #expect(flags.loops == 64)
    #expect(flags.metrics == .tcp(host: "::1", port: 9464))
    #expect(flags.accessLog != nil)
  }

  @Test func aCertificateAndItsKeySwitchTLSOn() throws {
    let files = "--tls-cert a.pem --tls-key a.key"
    var wanted = ServerTLS(certificateChain: .file("a.pem"), privateKey: .file("a.key"))
    #expect(try flags(files).tls == wanted)
    wanted.clientAuthentication = .required(authorities: .file("ca.pem"))
    #expect(try flags(files + " --tls-client-ca ca.pem").tls == wanted)
  }

  @Test func originsAddUpAndAStarLetsAllIn() throws {
    let two = "--cors http://localhost:3000 --cors https://example.org"
    let origins: Set = ["http://localhost:3000", "https://example.org"]
    #expect(try flags(two).cors == CORS(origins: origins))
    #expect(try flags(two + " --cors *").cors == CORS())
    #expect(try flags("--cors * " + two).cors == CORS())
  }

  @Test func theOptionsOfAServerSayTheSame() throws {
    let options = try flags("--port 0 --loops 2 --cors * --access-log text").options
    #expect(options.addresses.map(\.description) == ["127.0.0.1:0"])
    #expect(options.loops == 2 && options.cors == CORS() && options.accessLog != nil)
    #expect(options.servesReflection)
  }

  @Test(arguments: [
    "--tls-cert a.pem", "--tls-key a.key", "--tls-client-ca ca.pem", "--colour red", "stray",
    "--port", "--port 65536", "--port -1", "--loops 0", "--loops 65", "--own", "--metrics 9464",
    "--metrics :9464", "--metrics a:65536", "--access-log xml",
  ])
  func wrongUsageNamesTheFlag(_ words: String) throws {
    let error = #expect(throws: UsageError.self) { try flags(words) }
    let flag = try #require(words.split(separator: " ").first)
    #expect(error?.description.contains(flag) == true)
  }
}
