// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// What two peers agreed upon, to be resumed without certificates. Any thread.
final class TLSSession: @unchecked Sendable {
  // SAFETY: OpenSSL counts and locks it; it is freed in `deinit`.
  let pointer: OpaquePointer

  /// Takes a session over, and frees it in the end.
  init(owning pointer: OpaquePointer) { self.pointer = pointer }

  deinit { SSL_SESSION_free(pointer) }

  /// Whether it may be offered once only.
  var isForOneUse: Bool { SSL_SESSION_get_protocol_version(pointer) >= TLS1_3_VERSION }

  /// Whether it can be resumed now: it may have been given up, or its certificate has expired.
  var isUsable: Bool {
    SSL_SESSION_is_resumable(pointer) == 1 && !Self.hasExpiredPeer(pointer)
  }

  /// Whether the peer's certificate is out of its time, which a resumption would not look at.
  static func hasExpiredPeer(_ session: OpaquePointer) -> Bool {
    guard let x509 = SSL_SESSION_get0_peer(session) else { return false }
    return Certificate(sharing: x509).validityProblem != nil
  }
}
