// SPDX-License-Identifier: Apache-2.0

/// Who the other end of a TLS connection proved to be, by a certificate that was verified.
public struct PeerIdentity: Sendable, Hashable {
  /// The subject as RFC 2253 writes it, such as `CN=orders,O=Example`; may be empty.
  public let subject: String
  /// Who signed it, written in the same way.
  public let issuer: String
  /// The DNS names of the certificate (subject alternative names), in its order.
  public let dnsNames: [String]
  /// The URIs of the certificate, such as `spiffe://example.org/orders`, in its order.
  public let uris: [String]
  /// The certificate in DER.
  public let certificate: [UInt8]
  /// The SHA-256 of ``certificate`` in lower-case hex, 64 digits.
  public let fingerprint: String

  /// An identity with these parts.
  public init(
    subject: String, issuer: String, dnsNames: [String], uris: [String], certificate: [UInt8],
    fingerprint: String
  ) {
    self.subject = subject
    self.issuer = issuer
    self.dnsNames = dnsNames
    self.uris = uris
    self.certificate = certificate
    self.fingerprint = fingerprint
  }
}
