// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// What a handshake came to.
package struct TLSHandshake: Sendable, Hashable {
  /// `TLSv1.2` or `TLSv1.3`.
  package let version: String
  /// What ALPN chose: `h2`, at a server also `http/1.1`, or nil when the client asked for nothing.
  package let applicationProtocol: String?
  /// Who the peer proved to be; nil for a client that showed no certificate.
  package let peer: PeerIdentity?
  /// Whether an earlier session was resumed, by its ticket.
  package let isResumed: Bool
}
