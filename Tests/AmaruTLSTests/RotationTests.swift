// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruTestSupport
import Synchronization
import Testing

@testable import AmaruTLS

@Suite struct RotationTests {
  private static let second: UInt64 = 1_000_000_000
  let authority = TestAuthority()
  let folder = TemporaryFolder()

  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
    var logger: Logger { Logger { level, line in self.all.withLock { $0.append("\(level): \(line)") } } }
    func take() -> [String] {
      all.withLock { lines in
        defer { lines = [] }
        return lines
      }
    }
  }

  private func write(_ certificate: TestCertificate) -> ServerTLS {
    ServerTLS(
      certificateChain: .file(folder.write(certificate.pem, to: "server.pem")),
      privateKey: .file(folder.write(certificate.key, to: "server.key")))
  }

  /// The subject that a client sees now.
  private func subject(_ source: TLSContextSource, now: UInt64) throws -> String {
    let pair = try Pair(try TLSContext(ClientTLS.trusting(authority)), source.context(now: now))
    pair.run()
    #expect(pair.clientEnd.errors == [])
    return pair.clientEnd.handshakes.first?.peer?.subject ?? ""
  }

  @Test func newFilesAreUsedAfterASecond() throws {
    let lines = Lines()
    let settings = write(authority.issue("first"))
    let source = try TLSContextSource(settings, logger: lines.logger, now: 5 * Self.second)
    let open = try Pair(
      try TLSContext(ClientTLS.trusting(authority)), source.context(now: 5 * Self.second))
    open.run()
    _ = write(authority.issue("second"))
    #expect(try subject(source, now: 6 * Self.second - 1) == "CN=first")
    #expect(lines.take() == [])
    #expect(try subject(source, now: 6 * Self.second) == "CN=second")
    #expect(
      lines.take() == [
        "info: TLS: read again: \(folder.path)/server.pem, \(folder.path)/server.key"
      ])
    // Nothing has changed since.
    let same = source.context(now: 8 * Self.second)
    #expect(source.context(now: 10 * Self.second) === same)
    #expect(lines.take() == [])
    // What was open goes on.
    open.clientEnd.toSend = [1, 2, 3]
    open.run()
    #expect(open.serverEnd.received == [1, 2, 3])
  }

  @Test func aBrokenFileLeavesTheOldOneInUse() throws {
    let lines = Lines()
    let source = try TLSContextSource(
      write(authority.issue("first")), logger: lines.logger, now: 0)
    let next = authority.issue("second")
    folder.write(next.pem, to: "server.pem")
    #expect(try subject(source, now: 2 * Self.second) == "CN=first")
    #expect(
      lines.take() == [
        "error: TLS: the certificates in use stay so: the key \(folder.path)/server.key does not "
          + "match the certificate \(folder.path)/server.pem (CN=second)"
      ])
    // It is said once.
    #expect(try subject(source, now: 4 * Self.second) == "CN=first")
    #expect(lines.take() == [])
    folder.write(next.key, to: "server.key")
    #expect(try subject(source, now: 6 * Self.second) == "CN=second")
    #expect(lines.take().count == 1)
  }

  @Test func anExpiredFileDoesNotReplaceAGoodOne() throws {
    let lines = Lines()
    let source = try TLSContextSource(
      write(authority.issue("first")), logger: lines.logger, now: 0)
    _ = write(authority.issue("old", from: -1000, to: -60))
    #expect(try subject(source, now: 2 * Self.second) == "CN=first")
    let line = lines.take().first ?? ""
    #expect(line.hasPrefix("error: TLS: the certificates in use stay so: CN=old in the certificate "))
    #expect(line.contains("expired on 2"))
  }

  @Test func anExpiredFileIsServedWithAWarningWhereThereIsNoOther() throws {
    let lines = Lines()
    let settings = write(authority.issue("old", from: -1000, to: -60))
    let source = try TLSContextSource(settings, logger: lines.logger, now: 0)
    let warnings = lines.take()
    #expect(warnings.count == 1)
    #expect(warnings.first?.hasPrefix("warning: CN=old in the certificate ") == true)
    _ = write(authority.issue("fresh"))
    #expect(try subject(source, now: 2 * Self.second) == "CN=fresh")
  }

  @Test func aClientsFilesAreReadAgainToo() throws {
    let other = TestAuthority("Other")
    let path = folder.write(other.pem, to: "ca.pem")
    let settings = ClientTLS(trust: .authorities(.file(path)))
    let source = try TLSContextSource(settings, logger: .none, now: 0)
    let server = try TLSContext(ServerTLS(authority.issue("server")))
    let before = try Pair(source.context(now: 2 * Self.second), server)
    before.run()
    #expect(before.clientEnd.errors.count == 1)
    folder.write(authority.pem, to: "ca.pem")
    let after = try Pair(source.context(now: 4 * Self.second), server)
    after.run()
    #expect(after.clientEnd.errors == [])
    #expect(after.clientEnd.handshakes.count == 1)
  }
}
