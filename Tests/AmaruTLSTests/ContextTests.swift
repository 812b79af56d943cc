// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruTestSupport
import Synchronization
import Testing

@testable import AmaruTLS

/// What is said of files that cannot be used.
@Suite struct ContextTests {
  let authority = TestAuthority()
  let folder = TemporaryFolder()

  private func error(_ settings: ServerTLS) -> String {
    let error = #expect(throws: TLSError.self) { try TLSContext(settings) }
    return error?.description ?? ""
  }

  @Test func aFileThatIsNotThere() {
    let good = authority.issue("server")
    var settings = ServerTLS(good)
    settings.certificateChain = .file("\(folder.path)/no.pem")
    #expect(
      error(settings)
        == "cannot read the certificate \(folder.path)/no.pem: No such file or directory")
    settings = ServerTLS(good)
    settings.privateKey = .file(folder.path)
    #expect(error(settings) == "cannot read the key \(folder.path): Is a directory")
    settings = ServerTLS(good)
    settings.clientAuthentication = .required(authorities: .file("\(folder.path)/no-ca.pem"))
    #expect(error(settings).hasPrefix("cannot read the authorities \(folder.path)/no-ca.pem: "))
  }

  @Test func aFileWithoutAStartLine() {
    let good = authority.issue("server")
    let path = folder.write("not a certificate\n", to: "notes.txt")
    var settings = ServerTLS(good)
    settings.certificateChain = .file(path)
    #expect(
      error(settings)
        == "cannot read the certificate \(path): no start line; -----BEGIN CERTIFICATE----- is wanted"
    )
    settings = ServerTLS(good)
    settings.privateKey = .file(path)
    #expect(
      error(settings)
        == "cannot read the key \(path): no start line; -----BEGIN PRIVATE KEY----- is wanted")
    settings.privateKey = .text("")
    #expect(error(settings).hasPrefix("cannot read the key given as text: no start line"))
  }

  @Test func damagedText() {
    let good = authority.issue("server")
    var settings = ServerTLS(good)
    settings.certificateChain = .text(good.pem + good.pem.replacing("MI", with: "AA"))
    #expect(
      error(settings).hasPrefix(
        "cannot read the certificate given as text: number 2 in it is damaged ("))
    settings = ServerTLS(good)
    settings.privateKey = .text(good.key.replacing("M", with: "A"))
    #expect(error(settings).hasPrefix("cannot read the key given as text: it is damaged ("))
    settings.privateKey = .text(
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
    #expect(
      error(settings)
        == "cannot read the key given as text: it is encrypted; give it without a passphrase")
  }

  @Test func aKeyOfAnotherCertificate() {
    let path = folder.write(authority.issue("other").key, to: "other.key")
    var settings = ServerTLS(authority.issue("server"))
    settings.privateKey = .file(path)
    #expect(
      error(settings)
        == "the key \(path) does not match the certificate given as text (CN=server)")
  }

  @Test func aCertificateOutOfItsTimeIsAWarning() throws {
    #expect(try TLSContext(ServerTLS(authority.issue("server"))).warnings.isEmpty)
    let old = try TLSContext(ServerTLS(authority.issue("old", from: -1000, to: -60))).warnings
    #expect(old.count == 1)
    #expect(old.first?.hasPrefix("CN=old in the certificate given as text expired on 2") == true)
    let new = try TLSContext(ServerTLS(authority.issue("new", from: 100, to: 1000))).warnings
    #expect(new.first?.contains("CN=new in the certificate given as text is not valid before 2") == true)
  }
}
