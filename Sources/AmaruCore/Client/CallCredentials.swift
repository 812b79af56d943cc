// SPDX-License-Identifier: Apache-2.0

/// Proves to a server who calls: metadata that is made for each call, such as a bearer token.
///
/// They are only sent over TLS, to this machine itself (a loopback address or a Unix socket), or where the channel
/// allows plaintext; elsewhere the call fails with `UNAUTHENTICATED` and nothing is sent.
public protocol CallCredentials: Sendable {
  /// The metadata for a call of `method` to `authority` (a host and a port, as in a URL).
  ///
  /// Asked on the channel's loop before each attempt; it may suspend and must not block.
  /// - Throws: ``RPCError`` reaches the caller; any other error becomes `UNAVAILABLE`.
  func metadata(for method: MethodDescriptor, authority: String) async throws -> Metadata
}
