// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import COpenSSL
import Testing

@testable import AmaruTLS

@Suite struct SignatureTests {
  private static let message = Array("header.claims".utf8)

  /// The key that verifies what `key` signs, made of its numbers.
  private func verifier(_ key: TestSigningKey) throws -> VerificationKey {
    let numbers = key.parameters
    return switch key.kind {
    case .hs256: try VerificationKey(secret: numbers[0])
    case .rs256: try VerificationKey(modulus: numbers[0], exponent: numbers[1])
    case .es256: try VerificationKey(p256X: numbers[0], y: numbers[1])
    case .edDSA: try VerificationKey(ed25519: numbers[0])
    }
  }

  private func failure(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "none"
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: TestSigningKey.Kind.allCases)
  func aKeyVerifiesWhatItSignedAndNothingElse(_ kind: TestSigningKey.Kind) throws {
    let key = TestSigningKey(kind)
    let signature = key.sign(Self.message)
    let verifier = try verifier(key)
    #expect(verifier.algorithm.name == key.algorithm)
    #expect(verifier.verifies(signature, of: Self.message))
    #expect(!verifier.verifies(signature, of: Self.message + [0]))
    #expect(!verifier.verifies(signature, of: []))
    #expect(!verifier.verifies([], of: Self.message))
    #expect(!verifier.verifies(Array(signature.dropLast()), of: Self.message))
    #expect(!verifier.verifies(signature + [0], of: Self.message))
    #expect(!verifier.verifies([UInt8](repeating: 0, count: signature.count), of: Self.message))
    for index in stride(from: 0, to: signature.count, by: 7) {
      var forged = signature
      forged[index] ^= 1
      #expect(!verifier.verifies(forged, of: Self.message))
    }
    let other = try self.verifier(TestSigningKey(kind))
    #expect(!other.verifies(signature, of: Self.message))
    // What a TLS session of this thread would find.
    #expect(ERR_peek_error() == 0)
  }

  @Test(arguments: [TestSigningKey.Kind.rs256, .es256, .edDSA])
  func aKeyInPEMIsTheSame(_ kind: TestSigningKey.Kind) throws {
    let keys = [TestSigningKey(kind), TestSigningKey(kind)]
    let read = try PEM.text(keys.map(\.pem).joined(separator: "\n"))
      .publicKeys(maxBytes: 10_000, maxCount: 2)
    #expect(read.count == 2)
    for (key, verifier) in zip(keys, read) {
      #expect(verifier.verifies(key.sign(Self.message), of: Self.message))
    }
  }

  @Test func theKeyOfACertificateIsRead() throws {
    let certificate = TestAuthority().issue("issuer")
    let keys = try PEM.text(certificate.pem).publicKeys(maxBytes: 10_000, maxCount: 1)
    #expect(keys.map(\.algorithm) == [.es256])
  }

  @Test func anECDSASignatureInDERIsRefused() throws {
    let key = TestSigningKey(.es256)
    let raw = key.sign(Self.message)
    func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
      let trimmed = Array(bytes.drop { $0 == 0 })
      let padded = trimmed[0] > 127 ? [0] + trimmed : trimmed
      return [2, UInt8(padded.count)] + padded
    }
    let numbers = integer(raw[..<32]) + integer(raw[32...])
    let der = [0x30, UInt8(numbers.count)] + numbers
    #expect(!(try verifier(key)).verifies(der, of: Self.message))
  }

  @Test func anRSAKeyUnder2048BitsIsRefused() throws {
    for bits in [1024, 2040] {
      let key = TestSigningKey(.rs256, rsaBits: bits)
      let text = "an RSA key of \(bits) bits is too weak: 2048 are needed"
      #expect(failure { _ = try verifier(key) } == text)
      #expect(
        failure { _ = try PEM.text(key.pem).publicKeys(maxBytes: 10_000, maxCount: 1) }
          == "cannot use the public key given as text: \(text)")
    }
  }

  @Test func aSecretUnder32BytesIsRefused() throws {
    #expect(try VerificationKey(secret: [UInt8](repeating: 1, count: 32)).algorithm == .hs256)
    #expect(
      failure { _ = try VerificationKey(secret: [UInt8](repeating: 1, count: 31)) }
        == "a secret of 31 bytes is too short: 32 are needed")
  }

  @Test func numbersThatAreNoKeyAreRefused() throws {
    let one = [UInt8](repeating: 1, count: 32)
    #expect(failure { _ = try VerificationKey(p256X: one, y: one) } != "none")
    let zero = [UInt8](repeating: 0, count: 32)
    #expect(failure { _ = try VerificationKey(p256X: zero, y: zero) } != "none")
    #expect(
      failure { _ = try VerificationKey(p256X: one + [1], y: one) }
        == "a coordinate on P-256 has 32 bytes, not 33")
    #expect(
      failure { _ = try VerificationKey(ed25519: one + [1]) }
        == "an Ed25519 key has 32 bytes, not 33")
    #expect(failure { _ = try VerificationKey(modulus: [], exponent: []) } != "none")
    let numbers = TestSigningKey(.rs256).parameters
    #expect(failure { _ = try VerificationKey(modulus: numbers[0], exponent: [1]) } != "none")
    #expect(failure { _ = try VerificationKey(modulus: numbers[0], exponent: [2]) } != "none")
    let large = [UInt8](repeating: 255, count: 2049)
    #expect(
      failure { _ = try VerificationKey(modulus: large, exponent: [3]) }
        == "an RSA key of more than 16384 bits is not supported")
    #expect(ERR_peek_error() == 0)
  }

  @Test func keysOfOtherKindsAreRefused() throws {
    let key = TestSigningKey(curve: "secp384r1")
    #expect(
      failure { _ = try PEM.text(key.pem).publicKeys(maxBytes: 10_000, maxCount: 1) }
        == "cannot use the public key given as text: a key on another curve than P-256 is not supported"
    )
  }

  @Test func whatIsNoPublicKeyIsRefusedWithItsReason() throws {
    func problem(_ text: String, maxBytes: Int = 10_000, maxCount: Int = 1) -> String {
      failure { _ = try PEM.text(text).publicKeys(maxBytes: maxBytes, maxCount: maxCount) }
    }
    #expect(problem("").contains("no start line; -----BEGIN PUBLIC KEY-----"))
    #expect(problem("hello").contains("no start line"))
    #expect(problem(TestAuthority().issue("x").key).contains("it holds a private key"))
    let pem = TestSigningKey(.edDSA).pem
    #expect(problem(pem + pem) == "cannot use the public key given as text: more than 1 keys")
    #expect(problem(pem, maxBytes: pem.utf8.count) == "none")
    #expect(
      problem(pem, maxBytes: pem.utf8.count - 1)
        == "cannot read the public key given as text: it is larger than \(pem.utf8.count - 1) bytes")
    #expect(problem(String(pem.dropLast(20))).contains("number 1 in it is damaged"))
    #expect(
      problem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
        .contains("number 1 in it is damaged"))
  }

  @Test(
    arguments: [
      TokenVectors.hs256, TokenVectors.rs256, TokenVectors.es256, TokenVectors.edDSA,
    ])
  func theStandardsExamplesVerify(_ vector: TokenVectors.Vector) throws {
    func member(_ name: String) -> [UInt8] {
      let parts = vector.jwk.split(separator: "\"").map(String.init)
      return TestToken.bytes(parts[parts.firstIndex(of: name)! + 2])
    }
    let key =
      switch vector.name {
      case TokenVectors.hs256.name: try VerificationKey(secret: member("k"))
      case TokenVectors.rs256.name: try VerificationKey(modulus: member("n"), exponent: member("e"))
      case TokenVectors.es256.name: try VerificationKey(p256X: member("x"), y: member("y"))
      default: try VerificationKey(ed25519: member("x"))
      }
    let parts = vector.token.split(separator: ".").map(String.init)
    let signed = Array("\(parts[0]).\(parts[1])".utf8)
    #expect(key.verifies(TestToken.bytes(parts[2]), of: signed))
    #expect(!key.verifies(TestToken.bytes(parts[2]), of: signed + [0]))
  }
}
