// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import COpenSSL
import Glibc
import Testing

/// Who clients and a real server prove to be: certificates of clients, and new certificates of the server.
struct ServerIdentityTests {
  private let authority = TestAuthority()
  private let folder = TemporaryFolder()

  /// Says who the caller is.
  private static let whoAmI = TestService(
    .unary(TestMethods.unary) { _, context in Text(context.peerIdentity?.subject ?? "nobody") },
    .bidirectional(TestMethods.chat) { requests, responses, _ in
      for try await request in requests { try await responses.write(request) }
    })

  private static func connect(_ port: UInt16, _ tls: TLSWire) throws -> WireClient? {
    guard let client = WireClient(port: port) else { throw NoConnection() }
    guard client.startTLS(tls) else { return nil }
    client.shakeHands()
    return client
  }

  private func settings(_ certificate: TestCertificate) -> ServerTLS {
    ServerTLS(certificateChain: .text(certificate.pem), privateKey: .text(certificate.key))
  }

  /// What is shown to a server that takes certificates of one authority.
  private struct Attempt: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let isRequired: Bool
    /// The client's name, and whether the right authority signed it; nil to show none.
    let client: (name: String, isKnown: Bool)?
    /// Who it is for the server; nil when it is refused.
    let identity: String?
    /// What ends the handshake, with TLS 1.2 and 1.3.
    var alerts = (0, 0)
    var line = ""
  }

  private static let attempts = [
    Attempt(
      testDescription: "required, of the authority", isRequired: true, client: ("alice", true),
      identity: "CN=alice"),
    Attempt(
      testDescription: "required, none", isRequired: true, client: nil, identity: nil,
      alerts: (40, 116), line: "the client sent no certificate, and one is required"),
    Attempt(
      testDescription: "required, of another", isRequired: true, client: ("mallory", false),
      identity: nil, alerts: (48, 48),
      line: "the client's certificate (CN=mallory) is signed by an unknown authority (CN=Other)"),
    Attempt(
      testDescription: "optional, of the authority", isRequired: false, client: ("alice", true),
      identity: "CN=alice"),
    Attempt(
      testDescription: "optional, none", isRequired: false, client: nil, identity: "nobody"),
    Attempt(
      testDescription: "optional, of another", isRequired: false, client: ("mallory", false),
      identity: nil, alerts: (48, 48),
      line: "the client's certificate (CN=mallory) is signed by an unknown authority (CN=Other)"),
  ]

  @Test(arguments: attempts, [TLS1_2_VERSION, TLS1_3_VERSION])
  private func certificatesOfClients(_ attempt: Attempt, _ version: Int32) async throws {
    let shown = attempt.client.map { client in
      (client.isKnown ? authority : TestAuthority("Other")).issue(client.name)
    }
    let lines = Notes<String>()
    var tls = settings(authority.issue("server"))
    let authorities = PEM.text(authority.pem)
    tls.clientAuthentication =
      attempt.isRequired ? .required(authorities: authorities) : .optional(authorities: authorities)
    try await withServer(Self.whoAmI) { [tls] options in
      options.tls = tls
      options.limits.handshakeTimeout = .seconds(10_000)
      options.logger = Logger { _, line in lines.add(line) }
    } _: { _, port in
      let wire = TLSWire(
        .init {
          $0.certificate = shown
          $0.maximumVersion = version
        })
      let client = try Self.connect(port, wire)
      if let identity = attempt.identity {
        #expect(client?.call("Unary", "").texts == [identity])
        #expect(lines.all.isEmpty)
        return
      }
      // With TLS 1.3 the client is done before the server has looked at its certificate.
      client?.readToEnd()
      #expect(wire.alert == (version == TLS1_2_VERSION ? attempt.alerts.0 : attempt.alerts.1))
      #expect(client?.peer.settingsCount ?? 0 == 0)
      while lines.count == 0 { sched_yield() }
      #expect(lines.all.first?.contains(": \(attempt.line)") == true, "\(lines.all)")
    }
  }

  @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
  func aResumedSessionHasItsClientsIdentity(_ version: Int32) async throws {
    let alice = authority.issue("alice")
    var tls = settings(authority.issue("server"))
    tls.clientAuthentication = .required(authorities: .text(authority.pem))
    try await withServer(Self.whoAmI) { [tls] options in
      options.tls = tls
      options.limits.handshakeTimeout = .seconds(10_000)
    } _: { _, port in
      let first = TLSWire(
        .init {
          $0.certificate = alice
          $0.maximumVersion = version
        })
      let firstClient = try Self.connect(port, first)
      #expect(firstClient?.call("Unary", "").texts == ["CN=alice"])
      #expect(!first.isResumed)
      // The session alone, without the certificate.
      let session = first.session
      let second = TLSWire(
        .init {
          $0.session = session
          $0.maximumVersion = version
        })
      let secondClient = try Self.connect(port, second)
      #expect(secondClient?.call("Unary", "").texts == ["CN=alice"])
      #expect(second.isResumed)
    }
  }

  private func write(_ certificate: TestCertificate, to folder: TemporaryFolder) -> ServerTLS {
    ServerTLS(
      certificateChain: .file(folder.write(certificate.pem, to: "server.pem")),
      privateKey: .file(folder.write(certificate.key, to: "server.key")))
  }

  @Test(arguments: [false, true])
  func newCertificatesAreUsedWhileCallsGoOn(_ isOldExpired: Bool) async throws {
    let old = isOldExpired ? authority.issue("old", from: -1000, to: -60) : authority.issue("old")
    let new = authority.issue("new")
    let trusted = authority.pem
    let (tls, folder) = (write(old, to: folder), folder)
    let lines = Notes<String>()
    try await withServer(Self.whoAmI) { options in
      options.tls = tls
      options.limits.handshakeTimeout = .seconds(10_000)
      options.logger = Logger { level, line in lines.add("\(level): \(line)") }
    } _: { _, port in
      #expect(lines.count == (isOldExpired ? 1 : 0))
      guard let open = try Self.connect(port, TLSWire()) else { throw NoConnection() }
      #expect(open.tls?.peerName == "old")
      let chat = open.begin("Chat")
      var sent: [String] = []
      func talk() {
        sent.append("\(sent.count)")
        open.message(chat, sent.last ?? "")
        open.read { $0[chat].texts == sent }
      }
      talk()
      let verifying = TLSWire.Settings { $0.trusted = trusted }
      let early = try Self.connect(port, TLSWire(verifying))
      #expect((early == nil) == isOldExpired)
      // As who renews a certificate does it: one file after the other, with connections in between.
      folder.write(new.key, to: "server.key")
      talk()
      folder.write(new.pem, to: "server.pem")
      while true {
        let tls = TLSWire(verifying)
        let client = try Self.connect(port, tls)
        talk()
        if client != nil, tls.peerName == "new" { break }
        #expect((client == nil) == isOldExpired)
      }
      let late = try Self.connect(port, TLSWire(verifying))
      #expect(late?.call("Unary", "").texts == ["nobody"])
      talk()
      open.message(chat, end: true)
      open.read { $0[chat].isOver }
      #expect(open.peer[chat].texts == sent)
      #expect(open.peer[chat].status == 0)
      #expect(lines.all.contains { $0.hasPrefix("info: TLS: read again: ") })
    }
  }
}
