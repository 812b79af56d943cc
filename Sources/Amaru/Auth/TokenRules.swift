// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// What a ``TokenAuthenticator`` wants of tokens.
public struct TokenRules: Sendable, Hashable {
  /// Who must have issued a token (`iss`); nil for anybody whose key is known.
  public var issuer: String?
  /// Whom a token may be for (`aud`): one of these is enough. Empty: a token that names an audience is refused, for it is
  /// for somebody else (RFC 7519 4.1.3).
  public var audiences: Set<String> = []
  /// By how much clocks may differ.
  public var leeway: Duration = .seconds(30)
  /// Whether a token that never expires is refused.
  public var requiresExpiry = true
  /// The scopes that a token needs, all of them, by `package.Service/Method`, by `package.Service/` for a whole service, and
  /// by `` for all methods; the most exact entry alone counts.
  public var requiredScopes: [String: Set<String>] = [:]
  /// The methods that need no token, as `package.Service/Method` or `package.Service/`.
  public var openMethods: Set<String> = ["grpc.health.v1.Health/"]

  /// The values above.
  public init() {}

  func isOpen(_ method: MethodDescriptor) -> Bool {
    if openMethods.isEmpty { return false }
    return openMethods.contains(method.fullName) || openMethods.contains(method.service + "/")
  }

  /// Holds a token whose signature is right to the rules.
  /// - Parameter now: The time since 1970-01-01T00:00:00Z.
  func check(_ token: Token, for method: MethodDescriptor, now: Duration) throws(TokenError) {
    if let expiry = token.expiry {
      guard now < expiry + leeway else {
        throw .expired(secondsAgo: (now - expiry).components.seconds)
      }
    } else if requiresExpiry {
      throw .malformed("it does not say when it expires (exp)")
    }
    if let from = token.validFrom, now < from - leeway {
      throw .notYetValid(secondsAhead: (from - now).components.seconds)
    }
    if let issuer, token.issuer != issuer { throw .wrongIssuer }
    if !audiences.isEmpty || !token.audiences.isEmpty,
      audiences.isDisjoint(with: token.audiences)
    {
      throw .wrongAudience
    }
    guard !requiredScopes.isEmpty else { return }
    let wanted =
      requiredScopes[method.fullName] ?? requiredScopes[method.service + "/"]
      ?? requiredScopes[""] ?? []
    let missing = wanted.subtracting(token.scopes)
    if !missing.isEmpty { throw .missingScopes(missing.sorted()) }
  }
}
