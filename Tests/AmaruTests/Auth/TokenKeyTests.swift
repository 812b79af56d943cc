// SPDX-License-Identifier: Apache-2.0
import AmaruProtocols
import AmaruTLS
import AmaruTestSupport
import Testing

@testable import Amaru

/// Keys from PEM and from key sets.
@Suite struct TokenKeyTests {
  @Test(arguments: TestSigningKey.Kind.allCases)
  func whatOneSideSignsTheOtherVerifies(_ kind: TestSigningKey.Kind) throws {
    let own = TestSigningKey(kind)
    let other = TestSigningKey(kind)
    let message = Array("a message".utf8)
    let keys = try TokenKeys.keySet("{\"keys\":[\(own.jwk())]}").load()
    #expect(keys.count == 1)
    #expect(keys[0].key.verifies(own.sign(message), of: message))
    #expect(!keys[0].key.verifies(other.sign(message), of: message))
    if kind != .hs256 {
      let fromPEM = try TokenKeys.publicKeys(.text(own.pem)).load()
      #expect(fromPEM.map(\.key.algorithm) == keys.map(\.key.algorithm))
      #expect(fromPEM[0].key.verifies(own.sign(message), of: message))
    }
  }

  @Test(arguments: [
    ("", "keys"), ("[]", "JSON"), ("{}", "array"), (#"{"keys":{}}"#, "array"),
    (#"{"keys":[1]}"#, "keys[0]"), (#"{"keys":[{}]}"#, "kty"), (#"{"keys":[]}"#, "none of its keys"),
    (#"{"keys":[{"kty":"RSA","n":"AQAB"}]}"#, "\"e\""),
    (#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AQAB"}]}"#, "32 bytes"),
    (#"{"keys":[{"kty":"oct","k":"c2hvcnQ"}]}"#, "too short"),
    (#"{"keys":[{"kty":"oct","k":"c2hvcnQ="}]}"#, "base64url"),
    (#"{"keys":[{"kty":"EC","crv":"P-521","x":"AQAB","y":"AQAB"}]}"#, "none of its keys"),
  ])
  func aKeySetThatCannotBeUsedIsExplained(_ json: String, _ reason: String) {
    let error = #expect(throws: TLSError.self) { try TokenKeys.keySet(json).load() }
    #expect(error?.description.contains("key set") == true)
    if !json.isEmpty, json != "[]" {
      #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }
  }

  @Test func aKeySetHasAHundredKeysAtMost() throws {
    let key = TestSigningKey(.edDSA).jwk()
    let hundred = (0..<100).map { _ in key }.joined(separator: ",")
    #expect(try TokenKeys.keySet("{\"keys\":[\(hundred)]}").load().count == 100)
    let error = #expect(throws: TLSError.self) {
      try TokenKeys.keySet("{\"keys\":[\(hundred),\(key)]}").load()
    }
    #expect(error?.description.contains("more than 100 keys") == true)
    let large = String(repeating: " ", count: TokenKeys.maxBytes - 10)
    #expect(throws: TLSError.self) { try TokenKeys.keySet("{\"keys\":[\(key)]}\(large)").load() }
  }

  @Test func keysForOtherPurposesAreLeftOut() throws {
    let ours = TestSigningKey(.es256)
    let json = """
      {"keys":[\(ours.jwk(#","use":"enc""#)),\(ours.jwk(#","key_ops":["sign"]"#)),
      \(ours.jwk(#","alg":"ES384""#)),\(ours.jwk(id: "mine", #","use":"sig","alg":"ES256""#))]}
      """
    let keys = try TokenKeys.keySet(json).load()
    #expect(keys.map(\.id) == ["mine"])
  }

  @Test func aPrivateKeyIsNotTakenForAPublicOne() {
    let error = #expect(throws: TLSError.self) {
      try TokenKeys.publicKeys(
        .text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
      ).load()
    }
    #expect(error?.description.contains("private key") == true)
  }

  @Test(arguments: ["A", "AB=", "A+B", "AB/", "AB CD", "AB\n", "AR", "AAB"])
  func strictBase64(_ text: String) { #expect(Base64.decodeURL(text.utf8) == nil) }

  @Test func base64OfEveryLength() {
    for count in 0..<50 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255) }
      #expect(Base64.decodeURL(TestToken.base64url(bytes).utf8) == bytes)
    }
  }
}
