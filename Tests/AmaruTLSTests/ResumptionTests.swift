// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import COpenSSL
import Glibc
import Testing

@testable import AmaruTLS

/// Sessions that the next connection resumes, and those that it must not.
@Suite struct ResumptionTests {
  let authority = TestAuthority()

  private func clientContext(
    _ version: TLSVersion = .v1_3, _ own: TestCertificate? = nil
  ) throws -> TLSContext {
    var settings = ClientTLS.trusting(authority)
    settings.credentials = own.map {
      .init(certificateChain: .text($0.pem), privateKey: .text($0.key))
    }
    let context = try TLSContext(settings)
    SSL_CTX_ctrl(context.pointer, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version.rawValue), nil)
    return context
  }

  private func serverContext(
    _ name: String = "server", _ clients: ServerTLS.ClientAuthentication = .none,
    names: String = "DNS:localhost,DNS:other.example"
  ) throws -> TLSContext {
    var settings = ServerTLS(authority.issue(name, names: names))
    settings.clientAuthentication = clients
    return try TLSContext(settings)
  }

  /// Connects, says hello, and drops both ends; gives both handshakes, which agree.
  private func connect(
    _ client: TLSContext, _ server: TLSContext, host: String = "localhost"
  ) throws -> (client: TLSHandshake, server: TLSHandshake) {
    let pair = try Pair(client, server, host: host)
    pair.clientEnd.toSend = Array("hello".utf8)
    pair.run()
    #expect(pair.clientEnd.errors == [] && pair.serverEnd.errors == [])
    #expect(pair.serverEnd.received == Array("hello".utf8))
    let found = (
      try #require(pair.clientEnd.handshakes.first), try #require(pair.serverEnd.handshakes.first)
    )
    #expect(found.0.isResumed == found.1.isResumed)
    return found
  }

  @Test(arguments: TLSVersion.allCases)
  func everyConnectionAfterTheFirstIsResumed(_ version: TLSVersion) throws {
    let (client, server) = (try clientContext(version), try serverContext())
    let first = try connect(client, server)
    #expect(!first.client.isResumed)
    for _ in 0..<5 {
      let next = try connect(client, server).client
      #expect(next.isResumed)
      #expect(next.version == first.client.version)
      #expect(next.applicationProtocol == "h2")
      #expect(next.peer == first.client.peer && next.peer?.subject == "CN=server")
    }
  }

  @Test(arguments: TLSVersion.allCases)
  func theClientsIdentityIsThereAfterResumption(_ version: TLSVersion) throws {
    for isRequired in [true, false] {
      let authorities = PEM.text(authority.pem)
      let server = try serverContext(
        "server", isRequired ? .required(authorities: authorities) : .optional(authorities: authorities))
      let alice = try clientContext(
        version, authority.issue("alice", names: "URI:spiffe://example/alice"))
      let first = try connect(alice, server).server
      let second = try connect(alice, server).server
      #expect(!first.isResumed && second.isResumed)
      #expect(second.peer?.uris == ["spiffe://example/alice"])
      #expect(second.peer == first.peer)
      // Another client's sessions are its own.
      let bob = try connect(try clientContext(version, authority.issue("bob")), server).server
      #expect(!bob.isResumed)
      #expect(bob.peer?.subject == "CN=bob")
    }
    let nobody = try clientContext(version)
    let server = try serverContext("server", .optional(authorities: .text(authority.pem)))
    _ = try connect(nobody, server)
    let resumed = try connect(nobody, server).server
    #expect(resumed.isResumed && resumed.peer == nil)
  }

  @Test(arguments: TLSVersion.allCases)
  func aServerWithNewCertificatesShakesHandsInFull(_ version: TLSVersion) throws {
    let client = try clientContext(version)
    let (old, new) = (try serverContext("old"), try serverContext("new"))
    _ = try connect(client, old)
    let rotated = try connect(client, new).client
    #expect(!rotated.isResumed)
    #expect(rotated.peer?.subject == "CN=new")
    let again = try connect(client, new).client
    #expect(again.isResumed)
    #expect(again.peer?.subject == "CN=new")
  }

  @Test func aServerWithOtherAuthoritiesDoesNotKnowTheSessionsOfTheOldOnes() throws {
    let client = try clientContext(.v1_3, authority.issue("alice"))
    _ = try connect(client, try serverContext("s", .required(authorities: .text(authority.pem))))
    let others = TestAuthority("Other")
    let pair = try Pair(
      client, try serverContext("s", .required(authorities: .text(others.pem))))
    pair.run()
    #expect(pair.serverEnd.handshakes.isEmpty)
    #expect(pair.serverEnd.errors.first?.contains("CN=alice") == true)
  }

  @Test func aClientWithNewFilesBeginsAnew() throws {
    let folder = TemporaryFolder()
    let settings = ClientTLS(trust: .authorities(.file(folder.write(authority.pem, to: "ca.pem"))))
    let source = try TLSContextSource(settings, logger: .none, now: 0)
    let server = try serverContext()
    _ = try connect(source.context(now: 1), server)
    #expect(try connect(source.context(now: 1), server).client.isResumed)
    folder.write(authority.pem + TestAuthority("More").pem, to: "ca.pem")
    #expect(try !connect(source.context(now: 2_000_000_000), server).client.isResumed)
    folder.write(TestAuthority("Other").pem, to: "ca.pem")
    let pair = try Pair(source.context(now: 4_000_000_000), server)
    pair.run()
    #expect(pair.clientEnd.errors.first?.contains("signed by an unknown authority") == true)
  }

  @Test(arguments: TLSVersion.allCases)
  func aSessionIsOfferedToTheServersNameOnly(_ version: TLSVersion) throws {
    let (client, server) = (try clientContext(version), try serverContext())
    _ = try connect(client, server)
    #expect(try !connect(client, server, host: "other.example").client.isResumed)
    let pair = try Pair(client, server, host: "third.example")
    pair.run()
    #expect(pair.clientEnd.errors.first?.contains("is not for third.example") == true)
    #expect(try connect(client, server).client.isResumed)
    #expect(try connect(client, server, host: "other.example.").client.isResumed)
  }

  @Test(arguments: [(TLSVersion.v1_2, true), (.v1_3, false)])
  func aTicketOfTLS13IsOfferedOnce(_ version: TLSVersion, _ isOfferedAgain: Bool) throws {
    let (client, server) = (try clientContext(version), try serverContext())
    _ = try connect(client, server)
    let pairs = [try Pair(client, server), try Pair(client, server)]
    // Both have spoken before either has heard an answer.
    let hellos = pairs.map { Pair.take($0.client) }
    for (pair, hello) in zip(pairs, hellos) {
      Pair.give(hello, to: pair.server)
      pair.run()
    }
    #expect(pairs.map { $0.clientEnd.handshakes.first?.isResumed } == [true, isOfferedAgain])
  }

  @Test(arguments: TLSVersion.allCases)
  func aSessionOfAConnectionThatFailedIsNotOffered(_ version: TLSVersion) throws {
    let (client, server) = (try clientContext(version), try serverContext())
    let pair = try Pair(client, server)
    pair.run()
    Pair.give([23, 3, 3, 0, 20] + [UInt8](repeating: 7, count: 20), to: pair.client)
    #expect(pair.clientEnd.errors.count == 1)
    #expect(try !connect(client, server).client.isResumed)
    #expect(try connect(client, server).client.isResumed)
  }

  @Test(.ownThread, arguments: TLSVersion.allCases, [true, false])
  func aCertificateThatHasExpiredSinceIsLookedAtAgain(
    _ version: TLSVersion, _ isClients: Bool
  ) throws {
    // The first handshake has to be done before it expires, on a slow machine too.
    for seconds in [1, 4, 16, 64] {
      let short = authority.issue("short", to: seconds)
      let long = authority.issue("long")
      var settings = ServerTLS(isClients ? long : short)
      settings.clientAuthentication = .required(authorities: .text(authority.pem))
      let server = try TLSContext(settings)
      let client = try clientContext(version, isClients ? short : long)
      let first = try Pair(client, server)
      first.run()
      guard first.serverEnd.handshakes.count == 1, first.clientEnd.errors.isEmpty,
        first.serverEnd.errors.isEmpty
      else { continue }
      let certificate = try PEM.text(short.pem).certificates("it")[0]
      while certificate.validityProblem == nil { sched_yield() }
      let second = try Pair(client, server)
      second.run()
      let errors = isClients ? second.serverEnd.errors : second.clientEnd.errors
      #expect(errors.count == 1)
      #expect(errors.first?.contains("(CN=short) expired on 2") == true)
      #expect((isClients ? second.serverEnd : second.clientEnd).handshakes.isEmpty)
      return
    }
    Issue.record("no handshake was done within 64 seconds")
  }

  @Test func oneSessionIsKeptForEachOf64Names() throws {
    let most = TLSSessions.maxNames
    #expect(most == 64)
    let sessions = TLSSessions()
    func keep(_ name: String) throws {
      sessions.keep(TLSSession(owning: try #require(SSL_SESSION_new())), for: name)
    }
    for number in 0..<most { try keep("\(number)") }
    #expect(sessions.count == most)
    try keep("0")
    #expect(sessions.count == most)
    try keep("one more")
    #expect(sessions.count == most)
    // One that cannot be resumed is forgotten when it is wanted.
    #expect(sessions.take("one more") == nil)
    #expect(sessions.count == most - 1)
    #expect(sessions.take("nobody") == nil)
  }
}
