// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import AmaruTLS

/// What both ends say when a handshake fails.
@Suite struct FailureTests {
  let authority = TestAuthority()

  private func errors(
    _ certificate: TestCertificate, host: String = "localhost", trusted: TestAuthority? = nil
  ) throws -> (client: String, server: String) {
    let pair = try Pair(.trusting(trusted ?? authority), ServerTLS(certificate), host: host)
    pair.clientEnd.toSend = [1]
    pair.serverEnd.toSend = [1]
    pair.run()
    #expect(pair.clientEnd.handshakes.isEmpty)
    #expect(pair.clientEnd.received.isEmpty && pair.serverEnd.received.isEmpty)
    #expect(pair.clientEnd.errors.count == 1 && pair.serverEnd.errors.count == 1)
    #expect(pair.client.isDone && pair.server.isDone)
    return (pair.clientEnd.errors.first ?? "", pair.serverEnd.errors.first ?? "")
  }

  @Test func anExpiredCertificate() throws {
    let errors = try errors(authority.issue("old", from: -1000, to: -60))
    #expect(errors.client.hasPrefix("the server's certificate (CN=old) expired on 2"))
    #expect(errors.client.hasSuffix(" UTC"))
    #expect(
      errors.server == "the client refused our certificate: certificate expired (alert 45)")
  }

  @Test func aCertificateOfTomorrow() throws {
    let errors = try errors(authority.issue("new", from: 3600, to: 7200))
    #expect(errors.client.hasPrefix("the server's certificate (CN=new) is not valid before 2"))
    #expect(errors.server == "the client refused our certificate: bad certificate (alert 42)")
  }

  @Test func anUnknownAuthority() throws {
    let other = TestAuthority("Other")
    let errors = try errors(authority.issue("server"), trusted: other)
    #expect(
      errors.client
        == "the server's certificate (CN=server) is signed by an unknown authority "
        + "(CN=Test Authority), which is not among the authorities (given as text)")
    #expect(errors.server == "the client refused our certificate: unknown CA (alert 48)")
  }

  @Test func theSystemsAuthoritiesDoNotKnowATestsAuthority() throws {
    let pair = try Pair(ClientTLS(), ServerTLS(authority.issue("server")))
    pair.run()
    #expect(pair.clientEnd.errors.first?.hasSuffix("among the authorities (the system)") == true)
  }

  @Test(arguments: [
    ("wrong.example", "DNS:a.example,DNS:b.example", "a.example, b.example"),
    ("10.1.2.3", "DNS:a.example,IP:10.1.2.4,IP:::1", "a.example, 10.1.2.4, ::1"),
    ("x.y.example", "DNS:*.example", "*.example"),
    ("pre1.example", "DNS:pre*.example", "pre*.example"),
  ])
  func anotherHost(host: String, names: String, listed: String) throws {
    let errors = try errors(authority.issue("server", names: names), host: host)
    #expect(
      errors.client
        == "the server's certificate (CN=server) is not for \(host): it names \(listed)")
  }

  @Test func aSubjectIsNoHostsName() throws {
    let errors = try errors(authority.issue("localhost", names: nil))
    #expect(
      errors.client
        == "the server's certificate (CN=localhost) is not for localhost: it names no name of a host"
    )
  }

  @Test func noCertificateOfAClient() throws {
    var server = ServerTLS(authority.issue("server"))
    server.clientAuthentication = .required(authorities: .text(authority.pem))
    let pair = try Pair(.trusting(authority), server)
    pair.run()
    #expect(pair.serverEnd.errors == ["the client sent no certificate, and one is required"])
    #expect(pair.serverEnd.handshakes.isEmpty)
    #expect(
      pair.clientEnd.errors == [
        "the server requires a client's certificate, and none was sent; give ClientTLS.credentials "
          + "(alert 116)"
      ])
  }

  @Test func aClientOfAnUnknownAuthority() throws {
    let own = TestAuthority("Other").issue("mallory")
    for kind in [
      ServerTLS.ClientAuthentication.optional(authorities: .text(authority.pem)),
      .required(authorities: .text(authority.pem)),
    ] {
      var server = ServerTLS(authority.issue("server"))
      server.clientAuthentication = kind
      var client = ClientTLS.trusting(authority)
      client.credentials = .init(certificateChain: .text(own.pem), privateKey: .text(own.key))
      let pair = try Pair(client, server)
      pair.run()
      #expect(
        pair.serverEnd.errors == [
          "the client's certificate (CN=mallory) is signed by an unknown authority (CN=Other), which "
            + "is not among the authorities (given as text)"
        ])
      #expect(
        pair.clientEnd.errors == ["the server refused our certificate: unknown CA (alert 48)"])
    }
  }

  @Test func anExpiredCertificateOfAClient() throws {
    let own = authority.issue("alice", from: -1000, to: -60)
    var server = ServerTLS(authority.issue("server"))
    server.clientAuthentication = .required(authorities: .text(authority.pem))
    var client = ClientTLS.trusting(authority)
    client.credentials = .init(certificateChain: .text(own.pem), privateKey: .text(own.key))
    let pair = try Pair(client, server)
    pair.run()
    let error = pair.serverEnd.errors.first ?? ""
    #expect(error.hasPrefix("the client's certificate (CN=alice) expired on 2"))
  }

  @Test func aConnectionThatClosesInTheHandshake() throws {
    let pair = try Pair(.trusting(authority), ServerTLS(authority.issue("server")))
    let hello = Pair.take(pair.client)
    pair.client.closed()
    #expect(
      pair.clientEnd.errors == ["the server closed the connection during the TLS handshake"])
    #expect(pair.clientEnd.closedCount == 1)
    // Port scanners do so all the time.
    pair.server.closed()
    #expect(pair.serverEnd.errors == [])
    #expect(pair.serverEnd.closedCount == 1)
    let second = try Pair(.trusting(authority), ServerTLS(authority.issue("server")))
    #expect(Pair.take(second.server) == [])
    Pair.give([hello[0]], to: second.server)
    second.server.closed()
    #expect(
      second.serverEnd.errors == ["the client closed the connection during the TLS handshake"])
  }
}
