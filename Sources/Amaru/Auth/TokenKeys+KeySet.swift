// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf
import AmaruProtocols
import AmaruTLS

// JSON Web Key Sets. Source: RFC 7517 4 and 5, RFC 7518 6, RFC 8037 2.
extension TokenKeys {
  private typealias Members = [String: Google_Protobuf_Value]

  static func keySet(_ document: PEM) throws(TLSError) -> [TokenKey] {
    let what = "the key set"
    let bytes = try document.read(what, maxBytes: maxBytes)
    func bad(_ reason: String) -> TLSError {
      TLSError("cannot use \(what) \(document.name): \(reason)")
    }
    var options = JSONDecodingOptions()
    options.depthLimit = 16
    let set: Google_Protobuf_Struct
    do {
      set = try Google_Protobuf_Struct(json: bytes, options: options)
    } catch {
      throw bad("\(error)")
    }
    guard case .listValue(let list) = set.fields["keys"]?.kind else {
      throw bad("it has no array \"keys\"")
    }
    guard list.values.count <= maxKeys else { throw bad("more than \(maxKeys) keys") }
    var keys: [TokenKey] = []
    for (index, value) in list.values.enumerated() {
      guard case .structValue(let members) = value.kind else {
        throw bad("keys[\(index)] is no object")
      }
      do throws(TLSError) {
        if let key = try key(members.fields) {
          keys.append(TokenKey(id: text("kid", members.fields), key: key))
        }
      } catch {
        throw bad("keys[\(index)]: \(error)")
      }
    }
    guard !keys.isEmpty else {
      throw bad("none of its keys is for HS256, RS256, ES256 or EdDSA")
    }
    return keys
  }

  /// The key of a JSON Web Key; nil when it is for something else.
  private static func key(_ members: Members) throws(TLSError) -> VerificationKey? {
    if let use = text("use", members), use != "sig" { return nil }
    if case .listValue(let list) = members["key_ops"]?.kind,
      !list.values.contains(where: { $0.kind == .stringValue("verify") })
    {
      return nil
    }
    let key: VerificationKey
    switch (text("kty", members), text("crv", members)) {
    case ("RSA", _):
      key = try VerificationKey(modulus: number("n", members), exponent: number("e", members))
    case ("EC", "P-256"):
      key = try VerificationKey(p256X: number("x", members), y: number("y", members))
    case ("OKP", "Ed25519"): key = try VerificationKey(ed25519: number("x", members))
    case ("oct", _): key = try VerificationKey(secret: number("k", members))
    case (nil, _): throw TLSError("the member \"kty\" is missing")
    default: return nil
    }
    // A key that says its algorithm is for no other.
    if let name = text("alg", members), SignatureAlgorithm(name: name) != key.algorithm {
      return nil
    }
    return key
  }

  private static func text(_ name: String, _ members: Members) -> String? {
    if case .stringValue(let text) = members[name]?.kind { text } else { nil }
  }

  private static func number(_ name: String, _ members: Members) throws(TLSError) -> [UInt8] {
    guard let text = text(name, members), let bytes = Base64.decodeURL(text.utf8), !bytes.isEmpty
    else { throw TLSError("the member \"\(name)\" is missing or is not base64url") }
    return bytes
  }
}
