// SPDX-License-Identifier: Apache-2.0

/// How a server speaks TLS.
///
/// ```swift
/// options.tls = ServerTLS(certificateChain: .file("server.pem"), privateKey: .file("server.key"))
/// ```
///
/// Files are looked at again when a connection comes in, once a second at most; what has changed is used for the
/// connections from then on. A new file that cannot be used is logged, and what was there before stays in use.
public struct ServerTLS: Sendable, Hashable {
  /// Whether clients have to show a certificate, and who may have signed it.
  public enum ClientAuthentication: Sendable, Hashable {
    /// No certificate is asked for.
    case none
    /// A client may show one; one that these authorities did not sign is refused.
    case optional(authorities: PEM)
    /// A client without a certificate that these authorities signed is refused.
    case required(authorities: PEM)
  }

  /// The server's certificate, and after it those that link it to a root, if there are any.
  public var certificateChain: PEM
  /// The key of the certificate, not encrypted.
  public var privateKey: PEM
  /// Whether clients show a certificate; `CallContext.peerIdentity` then has what it says.
  public var clientAuthentication = ClientAuthentication.none
  /// The lowest version that is spoken.
  public var minimumVersion = TLSVersion.v1_2

  /// A server that shows this certificate.
  public init(
    certificateChain: PEM, privateKey: PEM, clientAuthentication: ClientAuthentication = .none
  ) {
    self.certificateChain = certificateChain
    self.privateKey = privateKey
    self.clientAuthentication = clientAuthentication
  }

  var authorities: PEM? {
    switch clientAuthentication {
    case .none: nil
    case .optional(let authorities), .required(let authorities): authorities
    }
  }

  var files: [String] {
    [certificateChain, privateKey, authorities].compactMap { $0?.path }
  }
}
