// SPDX-License-Identifier: Apache-2.0

/// Credentials of the form `authorization: Bearer TOKEN` (RFC 6750 2.1).
public struct BearerToken: CallCredentials {
  private let token: @Sendable () async throws -> String

  /// Always the same token.
  public init(_ token: String) { self.token = { token } }

  /// A token that is asked for before each attempt, so that it can be renewed; keep it while it is valid.
  public init(_ token: @escaping @Sendable () async throws -> String) { self.token = token }

  public func metadata(for method: MethodDescriptor, authority: String) async throws -> Metadata {
    let token = try await token()
    var metadata = Metadata()
    do throws(MetadataError) {
      try metadata.add("authorization", "Bearer \(token)")
    } catch {
      throw RPCError(.unauthenticated, "the bearer token cannot be sent: \(error)")
    }
    return metadata
  }
}
