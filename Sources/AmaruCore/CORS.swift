// SPDX-License-Identifier: Apache-2.0

/// Which pages of other origins a browser lets call the server (the CORS protocol of the Fetch standard).
///
/// It is about browsers alone: it keeps nobody else out, and is no authentication. gRPC itself, which browsers
/// cannot speak, is not concerned.
public struct CORS: Sendable, Hashable {
  /// The origins that may call, as browsers send them: `https://example.org`, `http://localhost:3000`, without a
  /// slash at the end. Nil lets every origin in.
  public var origins: Set<String>?
  /// Whether a page may send the user's cookies and client certificates along. Never for every origin: without a list
  /// of ``origins`` it has no effect.
  public var allowsCredentials: Bool
  /// How long a browser may keep the answer to a preflight; whole seconds, not below zero.
  public var maxAge: Duration

  /// Lets `origins` call the server, or every origin where it is nil.
  public init(
    origins: Set<String>? = nil, allowsCredentials: Bool = false, maxAge: Duration = .seconds(7200)
  ) {
    self.origins = origins
    self.allowsCredentials = allowsCredentials
    self.maxAge = maxAge
  }
}
