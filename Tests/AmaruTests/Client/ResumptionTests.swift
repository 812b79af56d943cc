// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import COpenSSL
import Glibc
import Testing

/// The sessions of a channel, seen by a server that is OpenSSL by hand.
struct ResumptionTests {
  /// One connection that the server accepts: what it shows, and the keys of its tickets.
  private struct Visit: Sendable {
    let certificate: TestCertificate
    let keys: [UInt8]
  }

  /// Accepts a connection for each visit, one after another, and closes it when the client has read all of it.
  /// Notes whether each was resumed; nil where there was no handshake.
  private static func serve(
    _ listener: Int32, _ visits: [Visit], _ version: Int32, _ resumed: Notes<Bool?>
  ) {
    for visit in visits {
      let client = WireClient(accepted: accept(listener, nil, nil))
      let tls = TLSWire(serving: visit.certificate, keys: visit.keys, version: version)
      guard client.startTLS(tls) else {
        resumed.add(nil)
        continue
      }
      client.send(.initialWindow(65_535))
      while client.raw.firstRange(of: Frame.settingsAck.bytes) == nil, client.read() {}
      resumed.add(tls.isResumed)
      client.close()
    }
  }

  @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
  func aChannelResumesItsLastSession(_ version: Int32) async throws {
    let authority = TestAuthority()
    let keys = (0..<2).map { key in [UInt8](repeating: UInt8(key), count: TLSWire.ticketKeyBytes) }
    let (old, new) = (authority.issue("old"), authority.issue("new"))
    let visits = [(old, 0), (old, 0), (old, 0), (new, 1), (new, 1)]
      .map { Visit(certificate: $0, keys: keys[$1]) }
    let port = FreePort.next()
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(listener) }
    #expect(FreePort.withAddress(port, { bind(listener, $0, $1) }) == 0)
    #expect(listen(listener, 10) == 0)
    let resumed = Notes<Bool?>()
    async let server: Void = onThread { Self.serve(listener, visits, version, resumed) }

    let channel = try ClientChannel(
      "127.0.0.1:\(port)",
      options: .test {
        $0.tls = ClientTLS(trust: .authorities(.text(authority.pem)))
        // One connection for each visit, however busy the machine is.
        $0.connectTimeout = .seconds(10_000)
      })
    // Each call fails, for the server closes its connection.
    while resumed.count < visits.count { _ = await failure { _ = try await channel.echo("") } }
    await channel.close()
    try await server
    #expect(resumed.all == [false, true, true, false, true])
  }

  @Test func aServerThatKeepsSilentInTheHandshakeIsNamed() async throws {
    let port = FreePort.next()
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(listener) }
    #expect(FreePort.withAddress(port, { bind(listener, $0, $1) }) == 0)
    #expect(listen(listener, 10) == 0)
    let channel = try ClientChannel(
      "127.0.0.1:\(port)",
      options: .test {
        $0.tls = ClientTLS(trust: .authorities(.text(TestAuthority().pem)))
        $0.connectTimeout = .milliseconds(50)
      })
    var error: RPCError?
    repeat {
      error = await failure { _ = try await channel.echo("") }
      // On a busy machine the time may be over before the channel has seen that it is connected.
    } while error?.message.hasSuffix("did not answer in time") == true
    await channel.close()
    #expect(error?.code == .unavailable)
    #expect(
      error?.message == "ipv4:127.0.0.1:\(port) did not finish the TLS handshake in time",
      "\(error as Any)")
  }
}
