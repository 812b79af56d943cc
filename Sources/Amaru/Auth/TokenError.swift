// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf

/// Why a token is refused. What reaches the caller says what is wrong and nothing of the keys.
enum TokenError: Error, Hashable {
  case missing
  case malformed(String)
  case unknownKey
  case badSignature
  case expired(secondsAgo: Int64)
  case notYetValid(secondsAhead: Int64)
  case wrongIssuer
  case wrongAudience
  case missingScopes([String])

  /// The error for the caller, with `google.rpc.ErrorInfo` and, over HTTP, RFC 6750's challenge.
  var rpcError: RPCError {
    let (code, reason, challenge, text) = parts
    var metadata = Metadata()
    metadata.append(received: "www-authenticate", .text("Bearer\(challenge)"))
    return RPCError(
      code, text,
      details: [
        Google_Protobuf_Any(
          packing: Google_Rpc_ErrorInfo.with {
            $0.reason = reason
            $0.domain = "amaru"
          })
      ],
      metadata: metadata)
  }

  private var parts: (StatusCode, reason: String, challenge: String, text: String) {
    let invalid = #" error="invalid_token""#
    switch self {
    case .missing:
      return (
        .unauthenticated, "TOKEN_MISSING", "",
        "a bearer token is needed: send the metadata authorization: Bearer TOKEN"
      )
    case .malformed(let reason):
      return (
        .unauthenticated, "TOKEN_MALFORMED", invalid, "the token cannot be used: \(reason)"
      )
    case .unknownKey:
      return (
        .unauthenticated, "TOKEN_KEY_UNKNOWN", invalid,
        "the token is signed by a key that is not known here, or in a way that is not accepted"
      )
    case .badSignature:
      return (
        .unauthenticated, "TOKEN_SIGNATURE_INVALID", invalid, "the token's signature is wrong"
      )
    case .expired(let seconds):
      return (
        .unauthenticated, "TOKEN_EXPIRED", invalid, "the token has expired \(seconds) s ago"
      )
    case .notYetValid(let seconds):
      return (
        .unauthenticated, "TOKEN_NOT_YET_VALID", invalid,
        "the token is not valid yet: its time begins in \(seconds) s"
      )
    case .wrongIssuer:
      return (
        .unauthenticated, "TOKEN_ISSUER_WRONG", invalid, "the token is of another issuer"
      )
    case .wrongAudience:
      return (
        .unauthenticated, "TOKEN_AUDIENCE_WRONG", invalid, "the token is for another audience"
      )
    case .missingScopes(let scopes):
      let names = scopes.joined(separator: " ")
      return (
        .permissionDenied, "TOKEN_SCOPE_MISSING",
        #" error="insufficient_scope", scope="\#(names)""#,
        "the token lacks the scope \(names)"
      )
    }
  }
}
