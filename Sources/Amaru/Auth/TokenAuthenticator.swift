// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import AmaruTLS

/// Lets only calls pass that bring a bearer token which is signed, in time and for this server: JSON Web Tokens
/// (RFC 7519) in the metadata `authorization: Bearer TOKEN` (RFC 6750 2.1).
///
/// ```swift
/// var rules = TokenRules()
/// rules.issuer = "https://login.example"
/// rules.audiences = ["users"]
/// rules.requiredScopes["users.v1.UserService/CreateUser"] = ["users.write"]
/// options.interceptors = [try TokenAuthenticator(keys: .keySet(file: "jwks.json"), rules: rules)]
/// ```
///
/// What a token says is in ``CallContext/token``. A call without a good one ends with `UNAUTHENTICATED`, one whose token
/// lacks a scope with `PERMISSION_DENIED`; both say why, with a `google.rpc.ErrorInfo`.
public struct TokenAuthenticator: Interceptor {
  private let rules: TokenRules
  private let verifier: TokenVerifier
  private let now: @Sendable () -> Duration

  /// Reads the keys. Lines about files that have changed go to `logger`.
  /// - Throws: ``RPCError``, `INVALID_ARGUMENT`, that names the file and what is wrong with it.
  public init(
    keys: TokenKeys, rules: TokenRules = TokenRules(), logger: Logger = .standardError
  ) throws(RPCError) {
    try self.init(
      keys: keys, rules: rules, logger: logger, now: { .microseconds(WallClock.microseconds) })
  }

  /// - Parameter now: The time since 1970-01-01T00:00:00Z.
  init(
    keys: TokenKeys, rules: TokenRules, logger: Logger, now: @escaping @Sendable () -> Duration
  ) throws(RPCError) {
    self.rules = rules
    self.now = now
    do throws(TLSError) {
      verifier = try TokenVerifier(keys, logger: logger)
    } catch {
      throw RPCError(.invalidArgument, error.description)
    }
  }

  /// How many signatures were checked so far.
  var checkCount: Int { verifier.checkCount }

  public func intercept(
    _ context: CallContext, next: @Sendable (CallContext) async throws -> Void
  ) async throws {
    if !rules.isOpen(context.method) {
      do throws(TokenError) {
        let token = try verifier.verify(try Self.bearer(context.metadata))
        try rules.check(token, for: context.method, now: now())
        context.call.attachment = token
      } catch {
        throw error.rpcError
      }
    }
    try await next(context)
  }

  /// The one token of the metadata.
  private static func bearer(_ metadata: Metadata) throws(TokenError) -> String {
    let values = metadata["authorization"]
    guard let first = values.first else { throw .missing }
    guard values.count == 1 else { throw .malformed("authorization is there more than once") }
    guard case .text(let text) = first else { throw .missing }
    let parts = text.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw .missing }
    return String(parts[1])
  }
}
