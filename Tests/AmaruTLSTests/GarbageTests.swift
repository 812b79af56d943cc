// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import AmaruTLS

/// What is not TLS ends the stream with an error, and nothing else.
@Suite struct GarbageTests {
  let authority = TestAuthority()

  private func pair() throws -> Pair {
    try Pair(.trusting(authority), ServerTLS(authority.issue("server")))
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "SSH-2.0-OpenSSH_9.2\r\n",
  ])
  func plaintext(_ text: String) throws {
    let pair = try pair()
    Pair.give(Array(text.utf8), to: pair.server)
    #expect(pair.serverEnd.errors.count == 1)
    #expect(pair.serverEnd.errors.first?.contains("is not TLS") == true)
    #expect(pair.server.isDone)
    // What comes after is dropped.
    Pair.give(Array(text.utf8), to: pair.server)
    #expect(pair.serverEnd.errors.count == 1)
    #expect(pair.serverEnd.received.isEmpty && pair.serverEnd.handshakes.isEmpty)
  }

  @Test func everyBitOfTheFirstFlightMayBeWrong() throws {
    var generator = SystemRandomNumberGenerator()
    let server = try TLSContext(ServerTLS(authority.issue("server")))
    let client = try TLSContext(ClientTLS.trusting(authority))
    let hello = Pair.take(try Pair(client, server).client)
    for at in 0..<hello.count {
      let pair = try Pair(client, server)
      var bytes = hello
      bytes[at] ^= UInt8.random(in: 1...255, using: &generator)
      Pair.give(bytes, to: pair.server)
      // Some bytes, as those of the random number, may be any; that nothing is taken for granted shows later.
      #expect(pair.serverEnd.handshakes.isEmpty)
      #expect(pair.serverEnd.received.isEmpty)
    }
  }

  @Test func aRecordThatWasChangedEndsTheStream() throws {
    for flip in [0, 2, 4, 5, 20] {
      let pair = try pair()
      pair.run()
      pair.clientEnd.toSend = [UInt8](repeating: 1, count: 100)
      var record = Pair.take(pair.client)
      record[flip] ^= 0x40
      Pair.give(record, to: pair.server)
      Pair.give([UInt8](repeating: 0, count: 20_000), to: pair.server)
      #expect(pair.serverEnd.errors.count == 1)
      #expect(pair.serverEnd.received.isEmpty)
      #expect(pair.server.isDone)
      // The alert reaches the client.
      Pair.give(Pair.take(pair.server), to: pair.client)
      #expect(pair.clientEnd.errors.count == 1)
      #expect(pair.clientEnd.errors.first?.hasPrefix("the server ended TLS: ") == true)
    }
  }

  @Test func aTruncatedRecordWaits() throws {
    let pair = try pair()
    pair.run()
    pair.clientEnd.toSend = Array("whole".utf8)
    let record = Pair.take(pair.client)
    Pair.give(Array(record.dropLast()), to: pair.server)
    #expect(pair.serverEnd.received.isEmpty && pair.serverEnd.errors.isEmpty)
    Pair.give([record[record.count - 1]], to: pair.server)
    #expect(pair.serverEnd.received == Array("whole".utf8))
    pair.server.closed()
    #expect(pair.serverEnd.closedCount == 1)
  }

  @Test func anAlertInsteadOfAnAnswer() throws {
    let pair = try pair()
    _ = Pair.take(pair.client)
    // A fatal alert in plaintext: handshake_failure.
    Pair.give([21, 3, 3, 0, 2, 2, 40], to: pair.client)
    #expect(pair.clientEnd.errors == ["the server ended TLS: handshake failure (alert 40)"])
    #expect(pair.client.isDone)
  }

  @Test func aFloodOfWarningsEnds() throws {
    let pair = try pair()
    for _ in 0..<1000 { Pair.give([21, 3, 3, 0, 2, 1, 90], to: pair.server) }
    #expect(pair.serverEnd.errors.count == 1)
  }

  @Test func recordsWithoutAnEndOfAHandshakeEnd() throws {
    let pair = try pair()
    // A handshake message of 16 MiB, which is never accepted.
    var record: [UInt8] = [22, 3, 3, 0x40, 0, 1, 0xff, 0xff, 0xff]
    record += [UInt8](repeating: 0, count: 0x4000 - 4)
    Pair.give(record, to: pair.server)
    #expect(pair.serverEnd.errors.count == 1)
  }
}
