// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// Says in words why a handshake or a connection failed.
enum TLSFailure {
  /// The codes of errors that are alerts of the peer begin here (`SSL_AD_REASON_OFFSET`).
  private static let firstAlert = 1000

  /// What the error `code` of OpenSSL means to the person who runs this side.
  static func error(_ code: UInt, isServer: Bool) -> TLSError {
    guard ERR_GET_LIB(code) == ERR_LIB_SSL else {
      return TLSError("TLS failed: \(OpenSSL.reason(code))")
    }
    let peer = isServer ? "the client" : "the server"
    let reason = ERR_GET_REASON(code)
    if reason > firstAlert { return alert(reason - Int32(firstAlert), isServer: isServer) }
    switch reason {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return TLSError("\(peer) sent no certificate, and one is required")
    case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_WRONG_VERSION_NUMBER,
      SSL_R_PACKET_LENGTH_TOO_LONG, SSL_R_BAD_RECORD_TYPE:
      return TLSError(
        "what \(peer) sent is not TLS (\(OpenSSL.reason(code))); does it speak in plaintext?")
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return TLSError(
        "\(peer) offers neither HTTP/2 nor HTTP/1.1 (ALPN h2, http/1.1): \(OpenSSL.reason(code))")
    default:
      return TLSError("TLS with \(peer) failed: \(OpenSSL.reason(code))")
    }
  }

  private static func alert(_ number: Int32, isServer: Bool) -> TLSError {
    let peer = isServer ? "the client" : "the server"
    let text = SSL_alert_desc_string_long(number).map { String(cString: $0) } ?? "unknown"
    switch number {
    case SSL3_AD_BAD_CERTIFICATE, SSL3_AD_UNSUPPORTED_CERTIFICATE, SSL3_AD_CERTIFICATE_REVOKED,
      SSL3_AD_CERTIFICATE_EXPIRED, SSL3_AD_CERTIFICATE_UNKNOWN, TLS1_AD_UNKNOWN_CA:
      return TLSError("\(peer) refused our certificate: \(text) (alert \(number))")
    case TLS13_AD_CERTIFICATE_REQUIRED:
      return TLSError(
        "\(peer) requires a client's certificate, and none was sent; give ClientTLS.credentials "
          + "(alert \(number))")
    case TLS1_AD_NO_APPLICATION_PROTOCOL:
      return TLSError("\(peer) does not speak HTTP/2 (ALPN h2; alert \(number))")
    default:
      return TLSError("\(peer) ended TLS: \(text) (alert \(number))")
    }
  }

  /// Why the certificate that `store` is at is refused.
  static func refusal(
    _ store: OpaquePointer, isServer: Bool, wantedName: String?, authorities: String
  ) -> TLSError {
    let code = X509_STORE_CTX_get_error(store)
    let whose = isServer ? "the client's certificate" : "the server's certificate"
    let leaf = X509_STORE_CTX_get0_cert(store).map { Certificate(sharing: $0) }
    let current = X509_STORE_CTX_get_current_cert(store).map { Certificate(sharing: $0) } ?? leaf
    let leafName = leaf.map { "\(whose) (\($0.name))" } ?? whose
    let isLeaf = X509_STORE_CTX_get_error_depth(store) == 0
    let name = isLeaf ? leafName : "\(current?.name ?? "an authority"), which signed \(leafName),"
    switch code {
    case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID:
      if let problem = current?.validityProblem { return TLSError("\(name) \(problem)") }
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
      return TLSError(
        "\(leafName) is not for \(wantedName ?? "this host"): it names \(leaf?.hosts ?? "nobody")")
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return TLSError(
        "\(leafName) is signed by itself, and is not among the authorities (\(authorities))")
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return TLSError(
        "\(name) is signed by an unknown authority (\(current?.issuer ?? "")), which is not among "
          + "the authorities (\(authorities))")
    default: break
    }
    let text = X509_verify_cert_error_string(Int(code)).map { String(cString: $0) } ?? "\(code)"
    return TLSError("\(name) cannot be verified: \(text)")
  }
}
