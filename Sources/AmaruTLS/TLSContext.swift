// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// The certificates, keys and settings of one side, read and checked. Any thread. Nothing but a client's sessions
/// changes.
package final class TLSContext: @unchecked Sendable {
  // SAFETY: OpenSSL counts and locks it; it is only set up in `init`.
  package let pointer: OpaquePointer
  let isServer: Bool
  /// Whether and how the peer's certificate is verified.
  let verifyMode: Int32
  /// The name that a client wants in the certificate in place of the host's.
  let serverName: String?
  /// The authorities' files, for errors.
  let authorities: String
  /// A client's sessions, to be resumed.
  let sessions = TLSSessions()
  /// What a person should know of certificates that can be used nevertheless.
  package private(set) var warnings: [String] = []

  /// HTTP/2 with TLS 1.2 forbids all others (RFC 9113, section 9.2.2).
  private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"

  /// Reads what a server needs.
  /// - Throws: ``TLSError`` that names the file and what is wrong with it.
  package convenience init(_ settings: ServerTLS) throws(TLSError) {
    let mode =
      switch settings.clientAuthentication {
      case .none: SSL_VERIFY_NONE
      case .optional: SSL_VERIFY_PEER
      case .required: SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
      }
    try self.init(
      isServer: true, verifyMode: mode, minimum: settings.minimumVersion, serverName: nil,
      authorities: settings.authorities?.name ?? "none")
    try use(settings.certificateChain, settings.privateKey)
    if let authorities = settings.authorities { try trust(authorities) }
    SSL_CTX_set_alpn_select_cb(pointer, selectProtocol, nil)
    // Resumed sessions belong to this server; tickets keep them, not our memory.
    let identity = Array("amaru".utf8)
    guard SSL_CTX_set_session_id_context(pointer, identity, UInt32(identity.count)) == 1 else {
      throw TLSError("cannot set TLS up: \(OpenSSL.takeReason())")
    }
    _ = SSL_CTX_ctrl(pointer, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
    guard SSL_CTX_set_session_ticket_cb(pointer, nil, useTicket, nil) == 1 else {
      throw TLSError("cannot set TLS up: \(OpenSSL.takeReason())")
    }
  }

  /// Reads what a client needs.
  /// - Throws: ``TLSError`` that names the file and what is wrong with it.
  package convenience init(_ settings: ClientTLS) throws(TLSError) {
    try self.init(
      isServer: false, verifyMode: SSL_VERIFY_PEER, minimum: settings.minimumVersion,
      serverName: settings.serverName, authorities: settings.authorities?.name ?? "the system")
    if let own = settings.credentials { try use(own.certificateChain, own.privateKey) }
    if let authorities = settings.authorities {
      try trust(authorities)
    } else if SSL_CTX_set_default_verify_paths(pointer) != 1 {
      throw TLSError("cannot read the system's authorities: \(OpenSSL.takeReason())")
    }
    let protocols: [UInt8] = [2] + Array("h2".utf8)
    // 0 is success here.
    guard SSL_CTX_set_alpn_protos(pointer, protocols, UInt32(protocols.count)) == 0 else {
      throw TLSError("cannot set TLS up: \(OpenSSL.takeReason())")
    }
    let mode = SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL
    _ = SSL_CTX_ctrl(pointer, SSL_CTRL_SET_SESS_CACHE_MODE, Int(mode), nil)
    SSL_CTX_sess_set_new_cb(pointer, keepSession)
  }

  private init(
    isServer: Bool, verifyMode: Int32, minimum: TLSVersion, serverName: String?,
    authorities: String
  ) throws(TLSError) {
    ERR_clear_error()
    guard let pointer = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
      throw TLSError("cannot set TLS up: \(OpenSSL.takeReason())")
    }
    self.pointer = pointer
    self.isServer = isServer
    self.verifyMode = verifyMode
    self.serverName = serverName
    self.authorities = authorities
    SSL_CTX_set_options(pointer, amaru_ssl_options())
    _ = SSL_CTX_ctrl(pointer, SSL_CTRL_MODE, Int(SSL_MODE_RELEASE_BUFFERS), nil)
    guard
      SSL_CTX_ctrl(pointer, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(minimum.rawValue), nil) == 1,
      SSL_CTX_set_cipher_list(pointer, Self.ciphers) == 1
    else { throw TLSError("cannot set TLS up: \(OpenSSL.takeReason())") }
  }

  deinit { SSL_CTX_free(pointer) }

  private func use(_ chain: PEM, _ keyPEM: PEM) throws(TLSError) {
    let certificates = try chain.certificates("the certificate")
    let key = try keyPEM.privateKey()
    defer { EVP_PKEY_free(key) }
    let own = certificates[0]
    guard X509_check_private_key(own.x509, key) == 1 else {
      ERR_clear_error()
      throw TLSError(
        "the key \(keyPEM.name) does not match the certificate \(chain.name) (\(own.name))")
    }
    guard SSL_CTX_use_certificate(pointer, own.x509) == 1,
      SSL_CTX_use_PrivateKey(pointer, key) == 1
    else {
      throw TLSError("cannot use the certificate \(chain.name): \(OpenSSL.takeReason())")
    }
    for link in certificates.dropFirst() {
      guard SSL_CTX_ctrl(pointer, SSL_CTRL_CHAIN_CERT, 1, UnsafeMutableRawPointer(link.x509)) == 1
      else {
        throw TLSError(
          "cannot use \(link.name) in the certificate \(chain.name): \(OpenSSL.takeReason())")
      }
    }
    for certificate in certificates {
      if let problem = certificate.validityProblem {
        warnings.append("\(certificate.name) in the certificate \(chain.name) \(problem)")
      }
    }
  }

  private func trust(_ authorities: PEM) throws(TLSError) {
    guard let store = SSL_CTX_get_cert_store(pointer) else {
      throw TLSError("cannot set TLS up: no store of certificates")
    }
    for authority in try authorities.certificates("the authorities") {
      guard X509_STORE_add_cert(store, authority.x509) == 1 else {
        throw TLSError(
          "cannot use \(authority.name) in the authorities \(authorities.name): "
            + OpenSSL.takeReason())
      }
      // Clients are told whose certificates are welcome.
      if isServer { SSL_CTX_add_client_CA(pointer, authority.x509) }
    }
  }
}

/// Chooses `h2` of what a client offers, `http/1.1` where that is not among it, and refuses one that offers neither.
private let selectProtocol: SSL_CTX_alpn_select_cb_func = { _, out, outCount, offered, count, _ in
  guard let offered, let out, let outCount else { return SSL_TLSEXT_ERR_ALERT_FATAL }
  let list = UnsafeBufferPointer(start: offered, count: Int(count))
  for wanted in [Array("h2".utf8), Array("http/1.1".utf8)] {
    var at = 0
    while at < list.count {
      let length = Int(list[at])
      guard at + 1 + length <= list.count else { break }
      if list[(at + 1)..<(at + 1 + length)].elementsEqual(wanted) {
        out.pointee = offered + at + 1
        outCount.pointee = UInt8(length)
        return SSL_TLSEXT_ERR_OK
      }
      at += 1 + length
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL
}

/// Has a client whose certificate has expired since it got its ticket shake hands in full; otherwise does what
/// OpenSSL does without a callback.
private let useTicket: SSL_CTX_decrypt_session_ticket_fn = { _, session, _, _, status, _ in
  guard status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW, let session,
    !TLSSession.hasExpiredPeer(session)
  else { return SSL_TICKET_RETURN_IGNORE_RENEW }
  return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW
}
