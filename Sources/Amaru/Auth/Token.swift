// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf

/// What a bearer token said that was verified: a JSON Web Token (RFC 7519).
public struct Token: Sendable, Hashable {
  /// Whom the token is about (`sub`); empty when it does not say.
  public let subject: String
  /// Who issued it (`iss`); empty when it does not say.
  public let issuer: String
  /// Whom it is for (`aud`); empty when it does not say.
  public let audiences: [String]
  /// What it allows: the words of `scope` (RFC 8693 4.2), or the array `scp` or `scope`.
  public let scopes: Set<String>
  /// The time until which it counts (`exp`), since 1970-01-01T00:00:00Z; nil when it does not say.
  public let expiry: Duration?
  /// The time from which it counts (`nbf`), since 1970-01-01T00:00:00Z; nil when it does not say.
  public let validFrom: Duration?
  /// All claims, these and any others.
  public let claims: Google_Protobuf_Struct

  /// The claims of a token.
  /// - Throws: ``TokenError`` when one of the registered claims has another type than RFC 7519 4.1 gives it.
  init(_ claims: Google_Protobuf_Struct) throws(TokenError) {
    self.claims = claims
    subject = try Self.text("sub", claims) ?? ""
    issuer = try Self.text("iss", claims) ?? ""
    audiences = try Self.list("aud", claims, splits: false)
    scopes = Set(
      try Self.list("scope", claims, splits: true) + Self.list("scp", claims, splits: true))
    expiry = try Self.date("exp", claims)
    validFrom = try Self.date("nbf", claims)
  }

  private static func text(
    _ name: String, _ claims: Google_Protobuf_Struct
  ) throws(TokenError) -> String? {
    switch claims.fields[name]?.kind {
    case nil: return nil
    case .stringValue(let text): return text
    default: throw .malformed("its claim '\(name)' is no text")
    }
  }

  /// A text, or an array of them.
  private static func list(
    _ name: String, _ claims: Google_Protobuf_Struct, splits: Bool
  ) throws(TokenError) -> [String] {
    switch claims.fields[name]?.kind {
    case nil: return []
    case .stringValue(let text):
      return splits ? text.split(separator: " ").map(String.init) : [text]
    case .listValue(let list):
      var texts: [String] = []
      for value in list.values {
        guard case .stringValue(let text) = value.kind else {
          throw .malformed("its claim '\(name)' holds something other than text")
        }
        texts.append(text)
      }
      return texts
    default: throw .malformed("its claim '\(name)' is neither text nor an array")
    }
  }

  /// Seconds since 1970, with or without a fraction (RFC 7519 2, NumericDate).
  private static func date(
    _ name: String, _ claims: Google_Protobuf_Struct
  ) throws(TokenError) -> Duration? {
    switch claims.fields[name]?.kind {
    case nil: return nil
    case .numberValue(let number) where abs(number) < 1e12:
      return .milliseconds(Int64(number * 1000))
    default: throw .malformed("its claim '\(name)' is no date")
    }
  }
}

extension CallContext {
  /// What the caller's bearer token says; nil without a ``TokenAuthenticator``, and for methods that need none.
  public var token: Token? { call.attachment as? Token }
}
