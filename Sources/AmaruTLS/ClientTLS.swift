// SPDX-License-Identifier: Apache-2.0

/// How a client speaks TLS. The server's certificate and the name in it are always verified.
public struct ClientTLS: Sendable, Hashable {
  /// Whose signature on a server's certificate is trusted.
  public enum Trust: Sendable, Hashable {
    /// The authorities that the system trusts.
    case system
    /// These authorities and no others.
    case authorities(PEM)
  }

  /// Who is shown to a server that asks.
  public struct Credentials: Sendable, Hashable {
    /// The client's certificate, and after it those that link it to a root, if there are any.
    public var certificateChain: PEM
    /// The key of the certificate, not encrypted.
    public var privateKey: PEM

    /// This certificate and its key.
    public init(certificateChain: PEM, privateKey: PEM) {
      self.certificateChain = certificateChain
      self.privateKey = privateKey
    }
  }

  /// Whose signature is trusted.
  public var trust: Trust
  /// The client's own certificate, for servers that want one.
  public var credentials: Credentials?
  /// The name that the server's certificate must have, instead of the host that is connected to.
  public var serverName: String?
  /// The lowest version that is spoken.
  public var minimumVersion = TLSVersion.v1_2

  /// A client that trusts these authorities.
  public init(
    trust: Trust = .system, credentials: Credentials? = nil, serverName: String? = nil
  ) {
    self.trust = trust
    self.credentials = credentials
    self.serverName = serverName
  }

  var authorities: PEM? {
    if case .authorities(let pem) = trust { pem } else { nil }
  }

  var files: [String] {
    [authorities, credentials?.certificateChain, credentials?.privateKey].compactMap { $0?.path }
  }
}
