// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Synchronization

/// An authority that signs certificates for a test.
package final class TestAuthority {
  private static let lastSerial = Mutex(0)
  /// The seconds of thirty days.
  package static let month = 30 * 86_400

  private let key: OpaquePointer
  private let x509: OpaquePointer
  /// Its own certificate.
  package let pem: String

  /// A new authority, signed by itself.
  package init(_ name: String = "Test Authority") {
    key = Self.newKey()
    x509 = Self.certificate(
      name, key: key, issuer: nil, issuerKey: key, from: -Self.month, to: Self.month,
      extensions: [
        (NID_basic_constraints, "critical,CA:TRUE"), (NID_key_usage, "critical,keyCertSign"),
      ])
    pem = Self.text(x509)
  }

  deinit {
    X509_free(x509)
    EVP_PKEY_free(key)
  }

  /// Signs a certificate for `name`, valid between two times in seconds from now.
  package func issue(
    _ name: String, names: String? = "DNS:localhost,IP:127.0.0.1", from: Int = -TestAuthority.month,
    to: Int = TestAuthority.month
  ) -> TestCertificate {
    let newKey = Self.newKey()
    defer { EVP_PKEY_free(newKey) }
    let extensions = names.map { [(NID_subject_alt_name, $0)] } ?? []
    let made = Self.certificate(
      name, key: newKey, issuer: x509, issuerKey: key, from: from, to: to, extensions: extensions)
    defer { X509_free(made) }
    return TestCertificate(pem: Self.text(made), key: Self.text(key: newKey))
  }

  private static func newKey() -> OpaquePointer {
    let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    EVP_PKEY_keygen_init(context)
    EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1)
    EVP_PKEY_keygen(context, &key)
    return key!
  }

  private static func certificate(
    _ name: String, key: OpaquePointer, issuer: OpaquePointer?, issuerKey: OpaquePointer, from: Int,
    to: Int, extensions: [(Int32, String)]
  ) -> OpaquePointer {
    let x509 = X509_new()!
    let serial = lastSerial.withLock { last in
      last += 1
      return last
    }
    X509_set_version(x509, 2)
    ASN1_INTEGER_set(X509_get_serialNumber(x509), serial)
    X509_gmtime_adj(X509_getm_notBefore(x509), from)
    X509_gmtime_adj(X509_getm_notAfter(x509), to)
    X509_NAME_add_entry_by_txt(
      X509_get_subject_name(x509), "CN", MBSTRING_UTF8, Array(name.utf8), Int32(name.utf8.count),
      -1, 0)
    X509_set_issuer_name(x509, X509_get_subject_name(issuer ?? x509))
    X509_set_pubkey(x509, key)
    var context = X509V3_CTX()
    X509V3_set_ctx(&context, issuer ?? x509, x509, nil, nil, 0)
    for (kind, value) in extensions {
      let made = X509V3_EXT_nconf_nid(nil, &context, kind, value)!
      X509_add_ext(x509, made, -1)
      X509_EXTENSION_free(made)
    }
    X509_sign(x509, issuerKey, EVP_sha256())
    return x509
  }

  private static func text(_ x509: OpaquePointer) -> String {
    written { PEM_write_bio_X509($0, x509) }
  }

  private static func text(key: OpaquePointer) -> String {
    written { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) }
  }

  private static func written(_ write: (OpaquePointer) -> Int32) -> String {
    let bio = BIO_new(BIO_s_mem())!
    defer { BIO_free(bio) }
    _ = write(bio)
    var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(bio))
    BIO_read(bio, &bytes, Int32(bytes.count))
    return String(decoding: bytes, as: UTF8.self)
  }
}
