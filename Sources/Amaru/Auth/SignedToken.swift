// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf
import AmaruProtocols
import AmaruTLS

/// A token in its compact form, taken apart and not verified (RFC 7515 7.1).
struct SignedToken {
  /// The most bytes of a token.
  static let maxBytes = 8 << 10

  /// How it says that it is signed; nil for `none` and what is not verified here.
  let algorithm: SignatureAlgorithm?
  /// Which key it names; nil when it names none.
  let keyID: String?
  /// What is signed: the first two parts as they were sent.
  let signed: [UInt8]
  let signature: [UInt8]
  let claims: Google_Protobuf_Struct

  init(_ text: String) throws(TokenError) {
    let bytes = Array(text.utf8)
    guard bytes.count <= Self.maxBytes else {
      throw .malformed("it is larger than \(Self.maxBytes) bytes")
    }
    let parts = bytes.split(
      separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 3 else {
      throw .malformed("it has not the three parts of a signed JSON Web Token")
    }
    let header = try Self.json(parts[0], "header")
    claims = try Self.json(parts[1], "claims")
    guard let signature = Base64.decodeURL(parts[2]) else {
      throw .malformed("its signature is not base64url")
    }
    self.signature = signature
    signed = Array(bytes[..<(parts[2].startIndex - 1)])
    guard header.fields["crit"] == nil else {
      throw .malformed("its header has extensions that must be understood (crit), and none is")
    }
    guard case .stringValue(let name) = header.fields["alg"]?.kind else {
      throw .malformed("its header says no algorithm")
    }
    algorithm = SignatureAlgorithm(name: name)
    switch header.fields["kid"]?.kind {
    case nil: keyID = nil
    case .stringValue(let id): keyID = id
    default: throw .malformed("its key's name is no text")
    }
  }

  private static func json(
    _ part: ArraySlice<UInt8>, _ what: String
  ) throws(TokenError) -> Google_Protobuf_Struct {
    guard let bytes = Base64.decodeURL(part) else {
      throw .malformed("its \(what) is not base64url")
    }
    var options = JSONDecodingOptions()
    options.depthLimit = 16
    do {
      return try Google_Protobuf_Struct(json: bytes, options: options)
    } catch {
      throw .malformed("its \(what) is no JSON object")
    }
  }
}
