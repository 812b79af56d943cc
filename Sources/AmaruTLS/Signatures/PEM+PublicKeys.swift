// SPDX-License-Identifier: Apache-2.0
import COpenSSL

extension PEM {
  /// Every public key in it, one at least and `maxCount` at most: `-----BEGIN PUBLIC KEY-----`
  /// (SubjectPublicKeyInfo, RFC 5280 4.1), or that of a certificate, whose dates are not looked at.
  /// - Throws: ``TLSError`` that names the file and what is wrong with it.
  package func publicKeys(maxBytes: Int, maxCount: Int) throws(TLSError) -> [VerificationKey] {
    let bytes = try read("the public key", maxBytes: maxBytes)
    ERR_clear_error()
    guard let bio = BIO_new(BIO_s_mem()) else {
      throw TLSError("cannot read the public key \(name): \(OpenSSL.takeReason())")
    }
    defer { BIO_free(bio) }
    var written = 0
    if !bytes.isEmpty, BIO_write_ex(bio, bytes, bytes.count, &written) != 1 {
      throw TLSError("cannot read the public key \(name): \(OpenSSL.takeReason())")
    }
    var found: [VerificationKey] = []
    while let key = try nextKey(bio, number: found.count + 1) {
      defer { EVP_PKEY_free(key) }
      guard found.count < maxCount else {
        throw TLSError("cannot use the public key \(name): more than \(maxCount) keys")
      }
      do throws(TLSError) {
        found.append(try VerificationKey(sharing: key))
      } catch {
        throw TLSError("cannot use the public key \(name): \(error)")
      }
    }
    guard !found.isEmpty else {
      throw TLSError(
        "cannot read the public key \(name): no start line; -----BEGIN PUBLIC KEY----- or "
          + "-----BEGIN CERTIFICATE----- is wanted")
    }
    return found
  }

  /// The next key, which the caller frees; nil at the end.
  private func nextKey(
    _ bio: OpaquePointer, number: Int
  ) throws(TLSError) -> OpaquePointer? {
    var label: UnsafeMutablePointer<CChar>?
    var header: UnsafeMutablePointer<CChar>?
    var data: UnsafeMutablePointer<UInt8>?
    var count = 0
    guard PEM_read_bio(bio, &label, &header, &data, &count) == 1, let label, let data else {
      let end = ERR_peek_last_error()
      ERR_clear_error()
      let isEnd =
        ERR_GET_LIB(end) == ERR_LIB_PEM && ERR_GET_REASON(end) == Int32(PEM_R_NO_START_LINE)
      guard isEnd || end == 0 else {
        throw TLSError(
          "cannot read the public key \(name): number \(number) in it is damaged "
            + "(\(OpenSSL.reason(end)))")
      }
      return nil
    }
    defer {
      CRYPTO_free(label, nil, 0)
      CRYPTO_free(header, nil, 0)
      CRYPTO_free(data, nil, 0)
    }
    var next: UnsafePointer<UInt8>? = UnsafePointer(data)
    let key: OpaquePointer?
    switch String(cString: label) {
    case "PUBLIC KEY": key = d2i_PUBKEY(nil, &next, count)
    case "CERTIFICATE":
      let x509 = d2i_X509(nil, &next, count)
      key = x509.flatMap { X509_get_pubkey($0) }
      X509_free(x509)
    case let other where other.contains("PRIVATE KEY"):
      throw TLSError(
        "cannot use the public key \(name): it holds a private key, which only the issuer needs")
    case let other:
      throw TLSError("cannot use the public key \(name): a \(other) is no public key")
    }
    guard let key else {
      throw TLSError(
        "cannot read the public key \(name): number \(number) in it is damaged "
          + "(\(OpenSSL.takeReason()))")
    }
    return key
  }
}
