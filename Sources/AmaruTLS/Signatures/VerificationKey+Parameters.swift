// SPDX-License-Identifier: Apache-2.0
import COpenSSL

// Keys from their numbers, as JSON Web Keys have them (RFC 7518 6, RFC 8037 2).
extension VerificationKey {
  /// The most bytes of one number: OpenSSL's largest RSA key has 16,384 bits.
  private static let maxNumberBytes = 2048

  /// An RSA key with this modulus and exponent, both with the highest byte first.
  /// - Throws: ``TLSError`` when it is no key, or one that is too weak.
  package convenience init(
    modulus: [UInt8], exponent: [UInt8]
  ) throws(TLSError) {
    guard modulus.count <= Self.maxNumberBytes, exponent.count <= Self.maxNumberBytes else {
      throw TLSError("an RSA key of more than \(Self.maxNumberBytes * 8) bits is not supported")
    }
    let n = BN_bin2bn(modulus, Int32(modulus.count), nil)
    defer { BN_free(n) }
    let e = BN_bin2bn(exponent, Int32(exponent.count), nil)
    defer { BN_free(e) }
    let key = try Self.key("RSA") { builder in
      OSSL_PARAM_BLD_push_BN(builder, Self.text("n"), n) == 1
        && OSSL_PARAM_BLD_push_BN(builder, Self.text("e"), e) == 1
    }
    defer { EVP_PKEY_free(key) }
    try self.init(sharing: key)
  }

  /// The key of the point with these coordinates on P-256, 32 bytes each, the highest first.
  /// - Throws: ``TLSError`` when there is no such point.
  package convenience init(p256X x: [UInt8], y: [UInt8]) throws(TLSError) {
    guard x.count == 32, y.count == 32 else {
      throw TLSError("a coordinate on P-256 has 32 bytes, not \(x.count == 32 ? y.count : x.count)")
    }
    let point = [4] + x + y
    // OpenSSL reads the bytes when it makes the parameters, which is inside of `key`.
    let made = point.withUnsafeBytes { point -> Result<OpaquePointer, TLSError> in
      Result { () throws(TLSError) in
        try Self.key("EC") { builder in
          OSSL_PARAM_BLD_push_utf8_string(builder, Self.text("group"), Self.text("prime256v1"), 0)
            == 1
            && OSSL_PARAM_BLD_push_octet_string(
              builder, Self.text("pub"), point.baseAddress, point.count) == 1
        }
      }
    }
    let key = try made.get()
    defer { EVP_PKEY_free(key) }
    try self.init(sharing: key)
  }

  /// The Ed25519 key with these 32 bytes.
  /// - Throws: ``TLSError`` when they are more or fewer.
  package convenience init(ed25519 bytes: [UInt8]) throws(TLSError) {
    ERR_clear_error()
    guard bytes.count == 32,
      let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count)
    else {
      ERR_clear_error()
      throw TLSError("an Ed25519 key has 32 bytes, not \(bytes.count)")
    }
    defer { EVP_PKEY_free(key) }
    try self.init(sharing: key)
  }

  /// A public key of `type` with the parameters that `fill` adds; the caller frees it.
  private static func key(
    _ type: String, _ fill: (OpaquePointer) -> Bool
  ) throws(TLSError) -> OpaquePointer {
    ERR_clear_error()
    guard let builder = OSSL_PARAM_BLD_new() else { throw unusable(type) }
    defer { OSSL_PARAM_BLD_free(builder) }
    guard fill(builder), let parameters = OSSL_PARAM_BLD_to_param(builder) else {
      throw unusable(type)
    }
    defer { OSSL_PARAM_free(parameters) }
    let context = EVP_PKEY_CTX_new_from_name(nil, type, nil)
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard let context, EVP_PKEY_fromdata_init(context) == 1,
      EVP_PKEY_fromdata(context, &key, amaru_public_key_selection(), parameters) == 1, let key
    else { throw unusable(type) }
    return key
  }

  /// A text that stays: a builder keeps the pointers to names and texts that it is given.
  private static func text(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
  }

  private static func unusable(_ type: String) -> TLSError {
    TLSError("the \(type) key is invalid (\(OpenSSL.takeReason()))")
  }
}
