// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// A key that verifies signatures of one algorithm. Never changes; any thread.
package final class VerificationKey: @unchecked Sendable {
  /// The one algorithm that the key is for.
  package let algorithm: SignatureAlgorithm
  // SAFETY: OpenSSL counts and locks it; nothing changes it after `init`.
  private let pointer: OpaquePointer?
  private let secret: [UInt8]

  /// The fewest bits of an RSA key (RFC 7518 3.3).
  package static let minRSABits = 2048
  /// The fewest bytes of a secret: as many as the digest has (RFC 7518 3.2).
  package static let minSecretBytes = 32

  /// Shares a public key's `pointer`, which somebody else keeps.
  /// - Throws: ``TLSError`` when it is of a kind that is not verified here, or too weak.
  init(sharing pointer: OpaquePointer) throws(TLSError) {
    algorithm = try Self.algorithm(of: pointer)
    guard EVP_PKEY_up_ref(pointer) == 1 else {
      throw TLSError("cannot use a key: \(OpenSSL.takeReason())")
    }
    self.pointer = pointer
    secret = []
  }

  /// A secret for HMAC.
  /// - Throws: ``TLSError`` when it is shorter than ``minSecretBytes``.
  package init(secret: [UInt8]) throws(TLSError) {
    guard secret.count >= Self.minSecretBytes else {
      throw TLSError(
        "a secret of \(secret.count) bytes is too short: \(Self.minSecretBytes) are needed")
    }
    algorithm = .hs256
    pointer = nil
    self.secret = secret
  }

  deinit { EVP_PKEY_free(pointer) }

  private static func algorithm(of key: OpaquePointer) throws(TLSError) -> SignatureAlgorithm {
    if EVP_PKEY_is_a(key, "RSA") == 1 {
      let bits = EVP_PKEY_get_bits(key)
      guard bits >= minRSABits else {
        throw TLSError("an RSA key of \(bits) bits is too weak: \(minRSABits) are needed")
      }
      try check(key, "RSA")
      return .rs256
    }
    if EVP_PKEY_is_a(key, "EC") == 1 {
      var name = [CChar](repeating: 0, count: 64)
      var count = 0
      guard EVP_PKEY_get_group_name(key, &name, name.count, &count) == 1,
        count == 10, String(decoding: name[..<10].map(UInt8.init), as: UTF8.self) == "prime256v1"
      else {
        ERR_clear_error()
        throw TLSError("a key on another curve than P-256 is not supported")
      }
      try check(key, "EC")
      return .es256
    }
    guard EVP_PKEY_is_a(key, "ED25519") == 1 else {
      throw TLSError("a key that is not RSA, EC (P-256) or Ed25519 is not supported")
    }
    return .ed25519
  }

  private static func check(_ key: OpaquePointer, _ kind: String) throws(TLSError) {
    let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil)
    defer { EVP_PKEY_CTX_free(context) }
    guard let context, EVP_PKEY_public_check(context) == 1 else {
      throw TLSError("the \(kind) key is invalid (\(OpenSSL.takeReason()))")
    }
  }

  /// Whether `signature` is this key's of `message`. ECDSA signatures are the two numbers of 32 bytes each
  /// (RFC 7518 3.4). An HMAC is compared in constant time.
  package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    switch algorithm {
    case .hs256: return verifiesHMAC(signature, of: message)
    case .rs256: return verifies(signature, of: message, digest: EVP_sha256())
    case .es256:
      guard let signature = Self.derSignature(signature) else { return false }
      return verifies(signature, of: message, digest: EVP_sha256())
    case .ed25519: return verifies(signature, of: message, digest: nil)
    }
  }

  private func verifies(
    _ signature: [UInt8], of message: [UInt8], digest: OpaquePointer?
  ) -> Bool {
    guard let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestVerifyInit(context, nil, digest, nil, pointer) == 1,
      EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    else {
      // A TLS session on this thread must not find the errors of this.
      ERR_clear_error()
      return false
    }
    return true
  }

  private func verifiesHMAC(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard
      HMAC(
        EVP_sha256(), secret, Int32(clamping: secret.count), message, message.count, &digest,
        &count) != nil, count == 32
    else {
      ERR_clear_error()
      return false
    }
    return signature.count == 32 && CRYPTO_memcmp(digest, signature, 32) == 0
  }

  /// The signature in the form that OpenSSL reads; nil when it has not 64 bytes.
  private static func derSignature(_ raw: [UInt8]) -> [UInt8]? {
    guard raw.count == 64, let signature = ECDSA_SIG_new() else { return nil }
    defer { ECDSA_SIG_free(signature) }
    guard let r = BN_bin2bn(Array(raw[..<32]), 32, nil) else { return nil }
    guard let s = BN_bin2bn(Array(raw[32...]), 32, nil) else {
      BN_free(r)
      return nil
    }
    // It takes the numbers over.
    guard ECDSA_SIG_set0(signature, r, s) == 1 else {
      BN_free(r)
      BN_free(s)
      return nil
    }
    let count = i2d_ECDSA_SIG(signature, nil)
    guard count > 0 else { return nil }
    return [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
      var end = buffer.baseAddress
      filled = Int(max(0, i2d_ECDSA_SIG(signature, &end)))
    }
  }
}
