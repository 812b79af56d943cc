// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// A private key that signs tokens for a test, as an issuer would.
package final class TestSigningKey: @unchecked Sendable {
  package enum Kind: Sendable, CaseIterable { case hs256, rs256, es256, edDSA }

  package let kind: Kind
  // SAFETY: never changes.
  private let pointer: OpaquePointer?
  /// The secret of HS256.
  package let secret: [UInt8]

  package init(_ kind: Kind, rsaBits: Int = 2048) {
    self.kind = kind
    switch kind {
    case .hs256:
      pointer = nil
      secret = (0..<32).map { _ in UInt8.random(in: 0...255) }
    case .rs256:
      pointer = Self.generate("RSA") { EVP_PKEY_CTX_set_rsa_keygen_bits($0, Int32(rsaBits)) }
      secret = []
    case .es256:
      pointer = Self.generate("EC") { EVP_PKEY_CTX_set_group_name($0, "prime256v1") }
      secret = []
    case .edDSA:
      pointer = Self.generate("ED25519") { _ in 1 }
      secret = []
    }
  }

  /// A secret of HS256.
  package init(secret: [UInt8]) {
    kind = .hs256
    pointer = nil
    self.secret = secret
  }

  /// A key on a curve of this name, for what is not supported.
  package init(curve: String) {
    kind = .es256
    pointer = Self.generate("EC") { EVP_PKEY_CTX_set_group_name($0, curve) }
    secret = []
  }

  deinit { EVP_PKEY_free(pointer) }

  private static func generate(
    _ type: String, _ set: (OpaquePointer) -> Int32
  ) -> OpaquePointer {
    let context = EVP_PKEY_CTX_new_from_name(nil, type, nil)!
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    EVP_PKEY_keygen_init(context)
    _ = set(context)
    EVP_PKEY_generate(context, &key)
    return key!
  }

  /// The name of the algorithm in a token.
  package var algorithm: String {
    switch kind {
    case .hs256: "HS256"
    case .rs256: "RS256"
    case .es256: "ES256"
    case .edDSA: "EdDSA"
    }
  }

  /// The signature of `message` as RFC 7518 3 writes it.
  package func sign(_ message: [UInt8]) -> [UInt8] {
    switch kind {
    case .hs256:
      var digest = [UInt8](repeating: 0, count: 32)
      var count: UInt32 = 0
      HMAC(EVP_sha256(), secret, Int32(secret.count), message, message.count, &digest, &count)
      return digest
    case .rs256: return sign(message, EVP_sha256())
    case .es256: return raw(sign(message, EVP_sha256()))
    case .edDSA: return sign(message, nil)
    }
  }

  private func sign(_ message: [UInt8], _ digest: OpaquePointer?) -> [UInt8] {
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    EVP_DigestSignInit(context, nil, digest, nil, pointer)
    var count = 1024
    var signature = [UInt8](repeating: 0, count: count)
    EVP_DigestSign(context, &signature, &count, message, message.count)
    return Array(signature.prefix(count))
  }

  /// r and s of an ECDSA signature in DER, 32 bytes each.
  private func raw(_ der: [UInt8]) -> [UInt8] {
    var signature: OpaquePointer?
    der.withUnsafeBufferPointer { der in
      var next = der.baseAddress
      signature = d2i_ECDSA_SIG(nil, &next, der.count)
    }
    defer { ECDSA_SIG_free(signature) }
    var bytes: [UInt8] = []
    for number in [ECDSA_SIG_get0_r(signature), ECDSA_SIG_get0_s(signature)] {
      var part = [UInt8](repeating: 0, count: 32)
      BN_bn2binpad(number, &part, 32)
      bytes += part
    }
    return bytes
  }

  /// The public key in PEM.
  package var pem: String {
    let bio = BIO_new(BIO_s_mem())!
    defer { BIO_free(bio) }
    PEM_write_bio_PUBKEY(bio, pointer)
    var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(bio))
    BIO_read(bio, &bytes, Int32(bytes.count))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The numbers of the public key: n and e, x and y, x, or the secret.
  package var parameters: [[UInt8]] {
    switch kind {
    case .hs256: return [secret]
    case .rs256: return [number(OSSL_PKEY_PARAM_RSA_N), number(OSSL_PKEY_PARAM_RSA_E)]
    case .es256:
      return [number(OSSL_PKEY_PARAM_EC_PUB_X, 32), number(OSSL_PKEY_PARAM_EC_PUB_Y, 32)]
    case .edDSA:
      var bytes = [UInt8](repeating: 0, count: 32)
      var count = 32
      EVP_PKEY_get_raw_public_key(pointer, &bytes, &count)
      return [bytes]
    }
  }

  private func number(_ name: String, _ count: Int32? = nil) -> [UInt8] {
    var number: OpaquePointer?
    EVP_PKEY_get_bn_param(pointer, name, &number)
    defer { BN_free(number) }
    let count = count ?? (BN_num_bits(number) + 7) / 8
    var bytes = [UInt8](repeating: 0, count: Int(count))
    BN_bn2binpad(number, &bytes, count)
    return bytes
  }

  /// The public key, or the secret, as a JSON Web Key; `more` are members in JSON, each with its comma.
  package func jwk(id: String? = nil, _ more: String = "") -> String {
    let values = parameters.map(TestToken.base64url)
    let members =
      switch kind {
      case .hs256: #""kty":"oct","k":"\#(values[0])""#
      case .rs256: #""kty":"RSA","n":"\#(values[0])","e":"\#(values[1])""#
      case .es256: #""kty":"EC","crv":"P-256","x":"\#(values[0])","y":"\#(values[1])""#
      case .edDSA: #""kty":"OKP","crv":"Ed25519","x":"\#(values[0])""#
      }
    return "{\(members)\(id.map { #","kid":"\#($0)""# } ?? "")\(more)}"
  }

  /// A token with these claims in JSON, signed by this key.
  package func token(
    _ claims: String, header: String? = nil, id: String? = nil
  ) -> String {
    let header =
      header ?? #"{"alg":"\#(algorithm)","typ":"JWT"\#(id.map { #","kid":"\#($0)""# } ?? "")}"#
    let signed = "\(TestToken.base64url(header)).\(TestToken.base64url(claims))"
    return "\(signed).\(TestToken.base64url(sign(Array(signed.utf8))))"
  }
}
