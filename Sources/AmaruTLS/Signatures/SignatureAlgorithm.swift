// SPDX-License-Identifier: Apache-2.0

/// How something was signed; each kind of key has exactly one of these.
package enum SignatureAlgorithm: Sendable, Hashable, CaseIterable {
  /// HMAC with SHA-256 and a shared secret (RFC 7518 3.2).
  case hs256
  /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 3.3).
  case rs256
  /// ECDSA on P-256 with SHA-256 (RFC 7518 3.4).
  case es256
  /// Ed25519 (RFC 8037 3.1).
  case ed25519

  /// The algorithm that a token calls `name`; nil for `none` and all others that are not verified here.
  ///
  /// `EdDSA` is RFC 8037's name; RFC 9864 calls the same `Ed25519`.
  package init?(name: String) {
    switch name {
    case "HS256": self = .hs256
    case "RS256": self = .rs256
    case "ES256": self = .es256
    case "EdDSA", "Ed25519": self = .ed25519
    default: return nil
    }
  }

  /// The name in the registry "JSON Web Signature and Encryption Algorithms".
  package var name: String {
    switch self {
    case .hs256: "HS256"
    case .rs256: "RS256"
    case .es256: "ES256"
    case .ed25519: "EdDSA"
    }
  }
}
