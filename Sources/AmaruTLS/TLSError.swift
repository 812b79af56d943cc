// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a certificate, a key or a handshake, with the cure where there is one.
public struct TLSError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The whole text, such as `cannot read the certificate server.pem: no start line`.
  public let description: String

  package init(_ description: String) { self.description = description }
}
