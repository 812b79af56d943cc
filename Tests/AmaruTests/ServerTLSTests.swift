// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import COpenSSL
import Glibc
import Testing

/// Handshakes with a real server, which clients break off, drag out or spoil.
struct ServerTLSTests {
  private let certificate: TestCertificate
  private let trusted: String

  init() {
    let authority = TestAuthority()
    certificate = authority.issue("server")
    trusted = authority.pem
  }

  /// Waits until `condition` holds, on a thread that may block.
  private static func wait(until condition: () -> Bool) { while !condition() { sched_yield() } }

  private static func connect(_ port: UInt16) throws -> WireClient {
    guard let client = WireClient(port: port) else { throw NoConnection() }
    return client
  }

  /// A server with TLS, and what it logs about that.
  private func withTLSServer(
    _ configure: (inout ServerOptions) -> Void = { _ in },
    _ body: @escaping @Sendable (Server, UInt16, Notes<String>) throws -> Void
  ) async throws {
    let lines = Notes<String>()
    try await withServer(.echo) { options in
      options.tls = ServerTLS(
        certificateChain: .text(certificate.pem), privateKey: .text(certificate.key))
      options.logger = Logger { level, line in
        if line.hasPrefix("TLS") { lines.add("\(level): \(line)") }
      }
      options.limits.handshakeTimeout = .seconds(10_000)
      configure(&options)
    } _: { server, port in
      try body(server, port, lines)
    }
  }

  /// The first bytes of a client.
  private static func hello() -> [UInt8] {
    let tls = TLSWire()
    tls.step()
    return tls.output()
  }

  /// Says that `lines` has one line, which is about a client of this machine.
  private static func expect(_ lines: Notes<String>, _ text: String) {
    let start = "info: TLS with ipv4:127.0.0.1:"
    #expect(lines.count == 1)
    #expect(lines.all.first?.hasPrefix(start) == true, "\(lines.all)")
    let rest = lines.all.first?.dropFirst(start.count).drop { $0.isNumber } ?? ""
    #expect(rest.hasPrefix(": \(text)"), "\(lines.all)")
  }

  @Test(arguments: [1, 100, .max])
  func aHandshakeThatIsBrokenOffIsLogged(_ count: Int) async throws {
    try await withTLSServer { _, port, lines in
      let client = try Self.connect(port)
      client.send(Array(Self.hello().prefix(count)))
      client.close()
      Self.wait { lines.count > 0 }
      Self.expect(lines, "the client closed the connection during the TLS handshake")
    }
  }

  @Test func aClientThatConnectsAndSaysNothingIsNotLogged() async throws {
    try await withTLSServer { _, port, lines in
      for _ in 0..<20 { try Self.connect(port).close() }
      let client = try Self.connect(port)
      client.send([22])
      client.close()
      Self.wait { lines.count > 0 }
      Self.expect(lines, "the client closed the connection during the TLS handshake")
    }
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\nhost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "SSH-2.0-a\r\n",
    "\u{16}\u{3}\u{1}\u{7f}\u{7f} a record that is too long",
  ])
  func whatIsNoTLSIsLoggedAndClosed(_ text: String) async throws {
    try await withTLSServer { _, port, lines in
      let client = try Self.connect(port)
      client.send(Array(text.utf8))
      client.readToEnd()
      // An alert, if anything.
      #expect(client.raw.isEmpty || client.raw.first == 21)
      Self.wait { lines.count > 0 }
      Self.expect(lines, "what the client sent is not TLS (")
    }
  }

  @Test(arguments: [0, 1, 100, .max])
  func aHandshakeThatTakesTooLongIsLoggedAndClosed(_ count: Int) async throws {
    try await withTLSServer {
      $0.limits.handshakeTimeout = .milliseconds(50)
    } _: { _, port, lines in
      let client = try Self.connect(port)
      client.send(Array(Self.hello().prefix(count)))
      client.readToEnd()
      Self.wait { lines.count > 0 }
      Self.expect(lines, "no handshake within 0.05 seconds")
    }
  }

  @Test func aClientThatSaysNothingAfterItsHandshakeIsClosedToo() async throws {
    let served = Notes<Void>()
    // A busy machine may need longer for the handshake.
    for limit in [Duration.milliseconds(100), .seconds(1), .seconds(10)] where served.count == 0 {
      try await withTLSServer {
        $0.limits.handshakeTimeout = limit
      } _: { _, port, lines in
        let client = try Self.connect(port)
        guard client.startTLS() else { return }
        client.readToEnd()
        #expect(client.raw.isEmpty)
        // With TLS 1.3 the client is done first, and the server may not have been in time.
        if lines.count == 0 { served.add(()) }
      }
    }
    #expect(served.count == 1)
  }

  @Test(
    arguments: [
      (["h2"], "h2"), ([], nil), (["http/1.1", "h2"], "h2"),
    ] as [([String], String?)])
  func clientsWithAndWithoutALPNAreServed(_ offered: [String], _ chosen: String?) async throws {
    try await withTLSServer { _, port, lines in
      for version in [TLS1_2_VERSION, TLS1_3_VERSION] {
        let client = try Self.connect(port)
        let tls = TLSWire(
          .init {
            $0.protocols = offered
            $0.maximumVersion = version
          })
        #expect(client.startTLS(tls))
        #expect(tls.applicationProtocol == chosen)
        #expect(tls.version == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"))
        client.shakeHands()
        #expect(client.call("Unary", "x").texts == ["x"])
      }
      #expect(lines.all == [])
    }
  }

  @Test(arguments: [["h3"], ["h2c", "http/1.0"]])
  func aClientThatOffersOtherProtocolsIsRefused(_ offered: [String]) async throws {
    try await withTLSServer { _, port, lines in
      let client = try Self.connect(port)
      let tls = TLSWire(.init { $0.protocols = offered })
      #expect(!client.startTLS(tls))
      // RFC 7301, section 3.2: no_application_protocol.
      #expect(tls.alert == 120)
      Self.wait { lines.count > 0 }
      Self.expect(lines, "the client offers neither HTTP/2 nor HTTP/1.1 (ALPN h2, http/1.1)")
    }
  }

  @Test(arguments: [
    (TLSVersion.v1_2, TLS1_VERSION), (.v1_2, TLS1_1_VERSION), (.v1_3, TLS1_2_VERSION),
  ])
  func aVersionBelowTheLeastIsRefused(_ least: TLSVersion, _ version: Int32) async throws {
    try await withTLSServer {
      $0.tls?.minimumVersion = least
    } _: { _, port, lines in
      let client = try Self.connect(port)
      let tls = TLSWire(
        .init {
          $0.minimumVersion = version
          $0.maximumVersion = version
        })
      #expect(!client.startTLS(tls))
      // RFC 8446, section 6.2: protocol_version.
      #expect(tls.alert == 70)
      Self.wait { lines.count > 0 }
      Self.expect(lines, "TLS with the client failed: unsupported protocol")
    }
  }

  @Test(arguments: [0, 1, 100, .max])
  func aHandshakeDoesNotHoldUpTheEnd(_ count: Int) async throws {
    try await withTLSServer { server, port, lines in
      let clients = try (0..<10).map { _ in
        let client = try Self.connect(port)
        client.send(Array(Self.hello().prefix(count)))
        return client
      }
      let stopped = Notes<Void>()
      Task.detached {
        await server.shutdown(grace: .seconds(10_000))
        stopped.add(())
      }
      for client in clients { client.readToEnd() }
      Self.wait { stopped.count == 1 }
      // The clients did nothing wrong.
      #expect(lines.all == [])
    }
  }

  @Test func handshakesThatAreHalfDoneAreBoundedByTheConnections() async throws {
    try await withTLSServer {
      $0.limits.maxConnections = 40
    } _: { _, port, lines in
      let clients = try (0..<2000).map { _ in
        let client = try Self.connect(port)
        client.send(Self.hello())
        return client
      }
      Self.wait { clients.count { $0.hasBytes } >= 40 }
      #expect(clients.count { $0.hasBytes } == 40)
      for client in clients { client.close() }
      // One after another gets its turn, and all memory is free again for the next.
      Self.wait { lines.count == 2000 }
      let client = try Self.connect(port)
      #expect(client.startTLS())
      client.shakeHands()
      #expect(client.call("Unary", "x").texts == ["x"])
    }
  }
}
