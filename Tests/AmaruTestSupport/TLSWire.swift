// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Glibc

/// One end of TLS that does what a test tells it to, over bytes that others carry.
///
/// It is OpenSSL alone, and nothing of ours, so that our TLS meets another. Confined to one thread.
package final class TLSWire: @unchecked Sendable {
  /// How it speaks. As it is, it takes any certificate and offers HTTP/2.
  package struct Settings: Sendable {
    /// Those whose signature on the peer's certificate is trusted, in PEM; nil to verify nothing.
    package var trusted: String?
    package var certificate: TestCertificate?
    /// What ALPN offers; nothing for no ALPN.
    package var protocols = ["h2"]
    /// The highest and the lowest version.
    package var maximumVersion = TLS1_3_VERSION
    package var minimumVersion = TLS1_2_VERSION
    /// A session to resume.
    package var session: Session?

    package init(_ configure: (inout Settings) -> Void = { _ in }) { configure(&self) }
  }

  /// What a connection may resume.
  package final class Session: @unchecked Sendable {
    fileprivate let pointer: OpaquePointer
    fileprivate init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { SSL_SESSION_free(pointer) }
  }

  private let context: OpaquePointer
  private let ssl: OpaquePointer
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer
  package private(set) var isOpen = false
  /// The reason of OpenSSL why it cannot go on; nil while it can.
  package private(set) var error: String?
  /// The number of the alert that the peer ended it with.
  package private(set) var alert: Int?

  private init(_ method: OpaquePointer, _ settings: Settings) {
    context = SSL_CTX_new(method)!
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(settings.minimumVersion), nil)
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(settings.maximumVersion), nil)
    // Old versions need hashes that are not allowed at higher levels.
    if settings.minimumVersion < TLS1_2_VERSION {
      SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0")
    }
    if let certificate = settings.certificate { Self.use(certificate, context) }
    ssl = SSL_new(context)!
    incoming = BIO_new(BIO_s_mem())!
    outgoing = BIO_new(BIO_s_mem())!
    SSL_set_bio(ssl, incoming, outgoing)
  }

  /// The client's end.
  package convenience init(_ settings: Settings = Settings()) {
    self.init(TLS_client_method(), settings)
    SSL_set_connect_state(ssl)
    if let trusted = settings.trusted {
      let store = SSL_CTX_get_cert_store(context)
      let x509 = Self.reading(trusted) { PEM_read_bio_X509($0, nil, nil, nil) }!
      X509_STORE_add_cert(store, x509)
      X509_free(x509)
      SSL_set_verify(ssl, SSL_VERIFY_PEER, nil)
    }
    let list = settings.protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    if !list.isEmpty { SSL_set_alpn_protos(ssl, list, UInt32(list.count)) }
    if let session = settings.session { SSL_set_session(ssl, session.pointer) }
  }

  /// The end of a server that agrees to HTTP/2 with everybody, and to sessions of the same `keys`.
  package convenience init(serving certificate: TestCertificate, keys: [UInt8], version: Int32) {
    self.init(
      TLS_server_method(),
      Settings {
        $0.certificate = certificate
        $0.maximumVersion = version
      })
    SSL_set_accept_state(ssl)
    var keys = keys
    SSL_CTX_ctrl(context, SSL_CTRL_SET_TLSEXT_TICKET_KEYS, keys.count, &keys)
    SSL_CTX_set_alpn_select_cb(
      context,
      { _, out, count, offered, _, _ in
        out?.pointee = offered.map { $0 + 1 }
        count?.pointee = 2
        return SSL_TLSEXT_ERR_OK
      }, nil)
  }

  /// The bytes that the keys of tickets have.
  package static let ticketKeyBytes = 80

  deinit {
    SSL_free(ssl)
    SSL_CTX_free(context)
  }

  private static func use(_ certificate: TestCertificate, _ context: OpaquePointer) {
    let x509 = reading(certificate.pem) { PEM_read_bio_X509($0, nil, nil, nil) }!
    let key = reading(certificate.key) { PEM_read_bio_PrivateKey($0, nil, nil, nil) }!
    SSL_CTX_use_certificate(context, x509)
    SSL_CTX_use_PrivateKey(context, key)
    X509_free(x509)
    EVP_PKEY_free(key)
  }

  private static func reading<Result>(_ text: String, _ read: (OpaquePointer?) -> Result) -> Result {
    let bytes = Array(text.utf8)
    let bio = BIO_new(BIO_s_mem())
    defer { BIO_free(bio) }
    BIO_write(bio, bytes, Int32(bytes.count))
    return read(bio)
  }

  // MARK: What was agreed

  /// `TLSv1.3` and the like.
  package var version: String { String(cString: SSL_get_version(ssl)) }
  /// Whether an earlier session was resumed.
  package var isResumed: Bool { SSL_session_reused(ssl) == 1 }
  /// What a later connection may resume. With TLS 1.3, only once something was read after the handshake.
  package var session: Session? { SSL_get1_session(ssl).map { Session($0) } }

  /// What ALPN chose.
  package var applicationProtocol: String? {
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &name, &count)
    return name.map {
      String(decoding: UnsafeBufferPointer(start: $0, count: Int(count)), as: UTF8.self)
    }
  }

  /// The common name of the peer's certificate.
  package var peerName: String? {
    guard let x509 = SSL_get0_peer_certificate(ssl) else { return nil }
    var name = [CChar](repeating: 0, count: 100)
    X509_NAME_get_text_by_NID(X509_get_subject_name(x509), NID_commonName, &name, 100)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  // MARK: Bytes

  /// Goes on with the handshake as far as the bytes of the peer allow.
  package func step() {
    guard !isOpen, error == nil else { return }
    ERR_clear_error()
    let result = SSL_do_handshake(ssl)
    if result == 1 { isOpen = true } else { note(result) }
  }

  /// Takes bytes that the peer sent, for later.
  package func put(_ bytes: [UInt8]) {
    if !bytes.isEmpty { BIO_write(incoming, bytes, Int32(bytes.count)) }
  }

  /// Takes bytes that the peer sent; gives the plaintext that is now whole.
  package func receive(_ bytes: [UInt8]) -> [UInt8] {
    put(bytes)
    step()
    var plaintext: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 14)
    while isOpen, error == nil {
      ERR_clear_error()
      let count = SSL_read(ssl, &piece, Int32(piece.count))
      guard count > 0 else {
        note(count)
        break
      }
      plaintext += piece[..<Int(count)]
    }
    return plaintext
  }

  /// The encrypted bytes to send, of the handshake and of what is given here.
  package func output(_ plaintext: [UInt8] = []) -> [UInt8] {
    if !plaintext.isEmpty { SSL_write(ssl, plaintext, Int32(plaintext.count)) }
    var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(outgoing))
    if !bytes.isEmpty { BIO_read(outgoing, &bytes, Int32(bytes.count)) }
    return bytes
  }

  private func note(_ result: Int32) {
    switch SSL_get_error(ssl, result) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_ZERO_RETURN: return
    default: break
    }
    let code = ERR_get_error()
    error = ERR_reason_error_string(code).map { String(cString: $0) } ?? "\(code)"
    // Errors that are alerts of the peer are numbered from here.
    let reason = Int(ERR_GET_REASON(code))
    if reason > 1000 { alert = reason - 1000 }
  }
}
