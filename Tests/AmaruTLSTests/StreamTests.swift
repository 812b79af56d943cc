// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import COpenSSL
import Testing

@testable import AmaruTLS

@Suite struct StreamTests {
  let authority = TestAuthority()

  private func pair(host: String = "localhost") throws -> Pair {
    try Pair(.trusting(authority), ServerTLS(authority.issue("server")), host: host)
  }

  @Test func bytesPassBothWaysInPiecesOfAnySize() throws {
    for piece in [1, 7, 1000, .max] {
      let pair = try pair()
      let request = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      pair.clientEnd.toSend = piece == 1 ? Array(request[..<20_000]) : request
      pair.serverEnd.toSend = Array("the answer".utf8)
      let sent = pair.clientEnd.toSend
      pair.run(piece: piece)
      #expect(pair.serverEnd.received == sent)
      #expect(pair.clientEnd.received == Array("the answer".utf8))
      #expect(pair.clientEnd.errors.isEmpty && pair.serverEnd.errors.isEmpty)
      #expect(!pair.clientEnd.wasAskedEarly && !pair.serverEnd.wasAskedEarly)
    }
  }

  @Test func theHandshakeSaysWhatWasAgreed() throws {
    let pair = try pair()
    pair.run()
    let client = try #require(pair.clientEnd.handshakes.first)
    let server = try #require(pair.serverEnd.handshakes.first)
    #expect(pair.clientEnd.handshakes.count == 1 && pair.serverEnd.handshakes.count == 1)
    #expect(client.applicationProtocol == "h2" && server.applicationProtocol == "h2")
    #expect(client.version == "TLSv1.3" && server.version == "TLSv1.3")
    #expect(client.peer?.subject == "CN=server")
    #expect(client.peer?.dnsNames == ["localhost"])
    #expect(server.peer == nil)
    #expect(!client.isResumed)
  }

  @Test func aHostsNameIsSentAndAnAddressIsNot() throws {
    let authority = TestAuthority()
    let server = ServerTLS(authority.issue("s", names: "DNS:shop.example,IP:192.0.2.7,IP:::1"))
    for (host, isSent) in [
      ("shop.example", true), ("shop.example.", true), ("192.0.2.7", false), ("[::1]", false),
      ("::1", false),
    ] {
      let pair = try Pair(.trusting(authority), server, host: host)
      pair.run()
      #expect(pair.clientEnd.errors == [])
      #expect(pair.clientEnd.handshakes.count == 1)
      let hello = String(decoding: pair.clientBytes, as: UTF8.self)
      #expect(hello.contains(host == "shop.example." ? "shop.example" : host) == isSent)
    }
  }

  @Test func theSettingsNameComesBeforeTheHosts() throws {
    var settings = ClientTLS.trusting(authority)
    settings.serverName = "localhost"
    let pair = try Pair(settings, ServerTLS(authority.issue("server")), host: "10.0.0.1")
    pair.run()
    #expect(pair.clientEnd.errors == [])
    #expect(pair.clientEnd.handshakes.count == 1)
  }

  @Test(arguments: ["", ".", "[]", "a\0b"])
  func aNameThatIsNoneIsAnError(_ name: String) throws {
    let error = #expect(throws: TLSError.self) { try pair(host: name) }
    #expect(error?.description.contains("none that a certificate could have") == true)
  }

  @Test func aClientsCertificateIsItsIdentity() throws {
    let own = authority.issue("alice", names: "DNS:alice.example,URI:spiffe://example/alice")
    var client = ClientTLS.trusting(authority)
    client.credentials = .init(certificateChain: .text(own.pem), privateKey: .text(own.key))
    var server = ServerTLS(authority.issue("server"))
    for kind in [
      ServerTLS.ClientAuthentication.optional(authorities: .text(authority.pem)),
      .required(authorities: .text(authority.pem)),
    ] {
      server.clientAuthentication = kind
      let pair = try Pair(client, server)
      pair.run()
      let peer = try #require(pair.serverEnd.handshakes.first?.peer)
      #expect(peer.subject == "CN=alice")
      #expect(peer.issuer == "CN=Test Authority")
      #expect(peer.dnsNames == ["alice.example"])
      #expect(peer.uris == ["spiffe://example/alice"])
      #expect(peer.certificate == (try PEM.text(own.pem).certificates("it"))[0].der)
      #expect(peer.fingerprint.count == 64)
    }
  }

  @Test func aClientWithoutACertificateIsLetInWhereItIsOptional() throws {
    var server = ServerTLS(authority.issue("server"))
    server.clientAuthentication = .optional(authorities: .text(authority.pem))
    let pair = try Pair(.trusting(authority), server)
    pair.run()
    #expect(pair.serverEnd.handshakes.count == 1)
    #expect(pair.serverEnd.handshakes.first?.peer == nil)
  }

  @Test func aClientThatDoesNotAskForAProtocolIsServed() throws {
    let client = try TLSContext(ClientTLS.trusting(authority))
    SSL_CTX_set_alpn_protos(client.pointer, nil, 0)
    let pair = try Pair(client, try TLSContext(ServerTLS(authority.issue("server"))))
    pair.run()
    #expect(pair.serverEnd.handshakes.count == 1)
    #expect(pair.serverEnd.handshakes.first?.applicationProtocol == nil)
    // Our client, for its part, speaks nothing but HTTP/2.
    #expect(pair.clientEnd.errors == ["the server did not agree to speak HTTP/2 (ALPN h2)"])
    #expect(pair.clientEnd.handshakes.isEmpty)
  }

  @Test(arguments: [
    (["h2"], "h2"), (["http/1.1", "h2"], "h2"), (["http/1.1"], "http/1.1"), (["h3", "http/1.1"], "http/1.1"),
    (["h", "h2c", "h2"], "h2"),
  ])
  func theServerPrefersHTTP2(_ offered: [String], _ chosen: String) throws {
    let client = try TLSContext(ClientTLS.trusting(authority))
    let protocols = offered.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    SSL_CTX_set_alpn_protos(client.pointer, protocols, UInt32(protocols.count))
    let pair = try Pair(client, try TLSContext(ServerTLS(authority.issue("server"))))
    pair.run()
    #expect(pair.serverEnd.handshakes.map(\.applicationProtocol) == [chosen])
  }

  @Test func aClientThatAsksForAnotherProtocolIsRefused() throws {
    let client = try TLSContext(ClientTLS.trusting(authority))
    let protocols = [8] + Array("http/1.0".utf8)
    SSL_CTX_set_alpn_protos(client.pointer, protocols, UInt32(protocols.count))
    let pair = try Pair(client, try TLSContext(ServerTLS(authority.issue("server"))))
    pair.run()
    #expect(pair.serverEnd.handshakes.isEmpty)
    #expect(pair.serverEnd.errors.count == 1)
    #expect(pair.serverEnd.errors.first?.contains("offers neither HTTP/2 nor HTTP/1.1") == true)
    #expect(pair.clientEnd.errors == ["the server does not speak HTTP/2 (ALPN h2; alert 120)"])
  }

  @Test func eachEndSaysGoodbye() throws {
    for clientEnds in [true, false] {
      let pair = try pair()
      pair.run()
      let ending = clientEnds ? pair.clientEnd : pair.serverEnd
      ending.toSend = Array("last words".utf8)
      ending.isDone = true
      pair.run()
      #expect((clientEnds ? pair.serverEnd : pair.clientEnd).received == Array("last words".utf8))
      #expect(pair.client.isDone && pair.server.isDone)
      #expect(pair.clientEnd.errors.isEmpty && pair.serverEnd.errors.isEmpty)
      pair.client.closed()
      pair.client.closed()
      #expect(pair.clientEnd.closedCount == 1)
    }
  }

  @Test func versionsBelowTheLeastAreRefused() throws {
    var settings = ServerTLS(authority.issue("server"))
    for (least, works) in [(TLSVersion.v1_2, true), (.v1_3, false)] {
      settings.minimumVersion = least
      let client = try TLSContext(ClientTLS.trusting(authority))
      SSL_CTX_ctrl(
        client.pointer, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLSVersion.v1_2.rawValue), nil)
      let pair = try Pair(client, try TLSContext(settings))
      pair.clientEnd.toSend = [UInt8](repeating: 7, count: 100_000)
      pair.run()
      #expect(pair.clientEnd.handshakes.map(\.version) == (works ? ["TLSv1.2"] : []))
      #expect(pair.serverEnd.received.count == (works ? 100_000 : 0))
      #expect(pair.serverEnd.errors.count == (works ? 0 : 1))
    }
  }

  @Test func aSmallBufferIsFilledAgainAndAgain() throws {
    let pair = try pair()
    pair.run()
    pair.serverEnd.toSend = [UInt8](repeating: 9, count: 50_000)
    for _ in 0..<1000 where pair.clientEnd.received.count < 50_000 {
      Pair.give(Pair.take(pair.server, room: 300), to: pair.client)
    }
    #expect(pair.clientEnd.received.count == 50_000)
  }
}
