// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Testing

/// Calls over TLS, both ends ours.
@Suite struct ClientTLSTests {
  private static func server(
    _ certificate: TestCertificate, _ clients: ServerTLS.ClientAuthentication = .none
  ) -> ServerOptions {
    .test {
      $0.tls = ServerTLS(
        certificateChain: .text(certificate.pem), privateKey: .text(certificate.key),
        clientAuthentication: clients)
    }
  }

  private static func client(
    _ authority: TestAuthority, _ certificate: TestCertificate? = nil
  ) -> ChannelOptions {
    .test {
      $0.tls = ClientTLS(
        trust: .authorities(.text(authority.pem)),
        credentials: certificate.map {
          ClientTLS.Credentials(certificateChain: .text($0.pem), privateKey: .text($0.key))
        })
    }
  }

  @Test func messagesOfManyRecordsGoBothWays() async throws {
    let authority = TestAuthority()
    try await withChannel(
      server: Self.server(authority.issue("server")), options: Self.client(authority)
    ) { channel, _ in
      for count in [0, 1, 16_384, 1_000_000] {
        let text = String(repeating: "x", count: count)
        let reply = try await channel.echo(text)
        #expect(reply == text)
      }
    }
  }

  @Test func theServerLearnsWhoTheClientIs() async throws {
    let authority = TestAuthority()
    let service = TestService(
      .unary(TestMethods.unary) { _, context in
        Text(context.peerIdentity?.dnsNames.joined(separator: ",") ?? "nobody")
      })
    try await withChannel(
      service, server: Self.server(authority.issue("server"), .required(authorities: .text(authority.pem))),
      options: Self.client(authority, authority.issue("client", names: "DNS:client.test"))
    ) { channel, _ in
      let reply = try await channel.echo("")
      #expect(reply == "client.test")
    }
  }

  @Test func aServerOfAnotherAuthorityIsUnavailable() async throws {
    let certificate = TestAuthority("Other").issue("server")
    try await withChannel(
      server: Self.server(certificate), options: Self.client(TestAuthority())
    ) { channel, _ in
      let error = await failure { _ = try await channel.echo("") }
      #expect(error?.code == .unavailable)
      #expect(error?.message.hasPrefix("no TLS with ipv4:127.0.0.1:") == true, "\(error as Any)")
    }
  }

  @Test func aServerOfAnotherNameIsUnavailableAndSaysWhichItHas() async throws {
    let authority = TestAuthority()
    try await withChannel(
      server: Self.server(authority.issue("server", names: "DNS:other.test")),
      options: Self.client(authority)
    ) { channel, _ in
      let error = await failure { _ = try await channel.echo("") }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("other.test") == true, "\(error as Any)")
    }
  }

  @Test func plaintextToATLSServerIsUnavailable() async throws {
    let authority = TestAuthority()
    try await withChannel(server: Self.server(authority.issue("server"))) { channel, _ in
      let error = await failure { _ = try await channel.echo("") }
      #expect(error?.code == .unavailable)
    }
  }
}
