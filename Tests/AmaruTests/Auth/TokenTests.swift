// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import Amaru

/// Calls with tokens, through a real server.
@Suite struct TokenTests {
  static let now: Int64 = 1_800_000_000
  private static let key = TestSigningKey(.es256)

  private static let service = TestService(
    .unary(TestMethods.unary) { request, context in
      let token = context.token
      return Text("\(token?.subject ?? "nobody") \(token?.scopes.sorted().joined(separator: ",") ?? "")")
    },
    .serverStreaming(TestMethods.list) { request, responses, context in
      try await responses.write(Text(context.token?.subject ?? "nobody"))
    })

  private static func authenticator(
    _ keys: TokenKeys? = nil, _ configure: (inout TokenRules) -> Void = { _ in }
  ) throws -> TokenAuthenticator {
    var rules = TokenRules()
    rules.issuer = "https://login.example"
    rules.audiences = ["users"]
    configure(&rules)
    return try TokenAuthenticator(
      keys: keys ?? .publicKeys(.text(key.pem)), rules: rules, logger: .none,
      now: { .seconds(now) })
  }

  private static func claims(
    _ more: String = "", exp: String = "\(now + 60)", iss: String = "https://login.example",
    aud: String = #""users""#
  ) -> String {
    #"{"sub":"ada","iss":"\#(iss)","aud":\#(aud),"exp":\#(exp)\#(more)}"#
  }

  /// The answer, or the error, of a call with `token`.
  private func call(
    _ token: String?, _ authenticator: TokenAuthenticator
  ) async throws -> Result<String, RPCError> {
    let server = try Server(
      [Self.service], options: .test { $0.interceptors = [authenticator] })
    let channel = try await server.inMemoryChannel(options: .test())
    defer {
      Task {
        await channel.close()
        await server.shutdown(grace: .zero)
      }
    }
    var options = CallOptions()
    if let token { try options.metadata.add("authorization", token) }
    do {
      return .success(try await channel.echo("", options))
    } catch let error as RPCError {
      return .failure(error)
    }
  }

  private func reason(
    _ token: String?, _ authenticator: TokenAuthenticator
  ) async throws -> String {
    switch try await call(token, authenticator) {
    case .success(let text): return text
    case .failure(let error):
      let info = try error.detail(Google_Rpc_ErrorInfo.self)
      #expect(error.metadata.text("www-authenticate")?.hasPrefix("Bearer") == true)
      return "\(error.code.name) \(info?.reason ?? "")"
    }
  }

  @Test(arguments: TestSigningKey.Kind.allCases)
  func aGoodTokenIsThereForTheHandler(_ kind: TestSigningKey.Kind) async throws {
    let key = TestSigningKey(kind)
    let keys: TokenKeys = .keySet("{\"keys\":[\(key.jwk(id: "k1"))]}")
    let authenticator = try Self.authenticator(keys)
    let token = key.token(Self.claims(#","scope":"users.read users.write""#), id: "k1")
    let answer = try await reason("Bearer \(token)", authenticator)
    #expect(answer == "ada users.read,users.write")
    let lower = try await reason("bearer \(token)", authenticator)
    #expect(lower == "ada users.read,users.write")
    // The second time it is known.
    #expect(authenticator.checkCount == 1)
  }

  @Test(arguments: [nil, "", "Bearer", "Basic dXNlcjpwYXNz", "token"])
  func withoutATokenACallIsRefused(_ value: String?) async throws {
    let reason = try await reason(value, Self.authenticator())
    #expect(reason == "UNAUTHENTICATED TOKEN_MISSING")
  }

  @Test func forgedTokens() async throws {
    let authenticator = try Self.authenticator()
    let good = Self.key.token(Self.claims())
    let parts = good.split(separator: ".").map(String.init)
    let claims = TestToken.base64url(Self.claims().replacing("ada", with: "eve"))
    func header(_ json: String) -> String { TestToken.base64url(json) }
    let cases: [(String, String)] = [
      ("\(parts[0]).\(claims).\(parts[2])", "TOKEN_SIGNATURE_INVALID"),
      (TestSigningKey(.es256).token(Self.claims()), "TOKEN_SIGNATURE_INVALID"),
      ("\(header(#"{"alg":"none"}"#)).\(claims).", "TOKEN_KEY_UNKNOWN"),
      ("\(header(#"{"alg":"None"}"#)).\(claims).\(parts[2])", "TOKEN_KEY_UNKNOWN"),
      ("\(header(#"{"alg":""}"#)).\(claims).", "TOKEN_KEY_UNKNOWN"),
      ("\(header(#"{}"#)).\(claims).", "TOKEN_MALFORMED"),
      ("\(header(#"{"alg":"ES256","crit":["x"],"x":1}"#)).\(claims).\(parts[2])", "TOKEN_MALFORMED"),
      // The public key as the secret of an HMAC.
      (
        TestSigningKey(secret: Array(Self.key.pem.utf8)).token(Self.claims()), "TOKEN_KEY_UNKNOWN"
      ),
      (TestSigningKey(.rs256).token(Self.claims()), "TOKEN_KEY_UNKNOWN"),
      ("\(parts[0]).\(parts[1])", "TOKEN_MALFORMED"),
      ("\(good).x", "TOKEN_MALFORMED"),
      ("..", "TOKEN_MALFORMED"),
      ("\(parts[0]).\(parts[1]).\(parts[2])=", "TOKEN_MALFORMED"),
      ("\(parts[0])=.\(parts[1]).\(parts[2])", "TOKEN_MALFORMED"),
      ("\(parts[0]).\(parts[1]).", "TOKEN_SIGNATURE_INVALID"),
      (Self.key.token("[1]"), "TOKEN_MALFORMED"),
      (Self.key.token(#"{"sub":"a","sub":"b"}"#), "TOKEN_MALFORMED"),
      (Self.key.token(String(repeating: #"{"a":"#, count: 20) + "1" + String(repeating: "}", count: 20)), "TOKEN_MALFORMED"),
      (Self.key.token(Self.claims(exp: #""soon""#)), "TOKEN_MALFORMED"),
      (Self.key.token(Self.claims(exp: "1e300")), "TOKEN_MALFORMED"),
      (Self.key.token(#"{"sub":7,"exp":\#(Self.now + 60)}"#), "TOKEN_MALFORMED"),
    ]
    for (token, expected) in cases {
      let reason = try await reason("Bearer \(token)", authenticator)
      #expect(reason == "UNAUTHENTICATED \(expected)", "\(token)")
    }
    let works = try await reason("Bearer \(good)", authenticator)
    #expect(works == "ada ")
  }

  /// Clocks may differ by 30 seconds and by no more.
  @Test func theTimesOfATokenHoldWithinTheLeeway() async throws {
    let authenticator = try Self.authenticator()
    let cases: [(String, String)] = [
      (Self.claims(exp: "\(Self.now - 29)"), "ada "),
      (Self.claims(exp: "\(Self.now - 30)"), "UNAUTHENTICATED TOKEN_EXPIRED"),
      (Self.claims(exp: "\(Self.now - 29).5"), "ada "),
      (Self.claims(exp: "\(Self.now).25"), "ada "),
      (Self.claims(#","nbf":\#(Self.now + 30)"#), "ada "),
      (Self.claims(#","nbf":\#(Self.now + 31)"#), "UNAUTHENTICATED TOKEN_NOT_YET_VALID"),
      (#"{"sub":"ada","iss":"https://login.example","aud":"users"}"#, "UNAUTHENTICATED TOKEN_MALFORMED"),
    ]
    for (claims, expected) in cases {
      let reason = try await reason("Bearer \(Self.key.token(claims))", authenticator)
      #expect(reason == expected, "\(claims)")
    }
    let lenient = try Self.authenticator { $0.requiresExpiry = false }
    let eternal = Self.key.token(#"{"sub":"ada","iss":"https://login.example","aud":"users"}"#)
    let answer = try await reason("Bearer \(eternal)", lenient)
    #expect(answer == "ada ")
  }

  @Test func issuerAndAudience() async throws {
    let authenticator = try Self.authenticator()
    let cases: [(String, String)] = [
      (Self.claims(iss: "https://evil.example"), "UNAUTHENTICATED TOKEN_ISSUER_WRONG"),
      (Self.claims(aud: #""others""#), "UNAUTHENTICATED TOKEN_AUDIENCE_WRONG"),
      (Self.claims(aud: #"["others","users"]"#), "ada "),
      (Self.claims(aud: "[]"), "UNAUTHENTICATED TOKEN_AUDIENCE_WRONG"),
      (Self.claims(aud: "[1]"), "UNAUTHENTICATED TOKEN_MALFORMED"),
    ]
    for (claims, expected) in cases {
      let reason = try await reason("Bearer \(Self.key.token(claims))", authenticator)
      #expect(reason == expected, "\(claims)")
    }
    // A token for somebody else is refused also where no audience is set.
    let open = try Self.authenticator { $0.audiences = [] }
    let refused = try await reason("Bearer \(Self.key.token(Self.claims()))", open)
    #expect(refused == "UNAUTHENTICATED TOKEN_AUDIENCE_WRONG")
  }

  @Test func scopesByMethodByServiceAndForAll() async throws {
    let token = "Bearer \(Self.key.token(Self.claims(#","scp":["a","b"]"#)))"
    let cases: [([String: Set<String>], String)] = [
      (["": ["a", "b"]], "ada a,b"),
      (["": ["c"]], "PERMISSION_DENIED TOKEN_SCOPE_MISSING"),
      (["": ["c"], "test.v1.Test/": ["a"]], "ada a,b"),
      (["test.v1.Test/": ["c"], "test.v1.Test/Unary": ["b"]], "ada a,b"),
      (["test.v1.Test/Unary": ["a", "d"]], "PERMISSION_DENIED TOKEN_SCOPE_MISSING"),
      (["test.v1.Test/List": ["d"]], "ada a,b"),
    ]
    for (scopes, expected) in cases {
      let reason = try await reason(token, Self.authenticator { $0.requiredScopes = scopes })
      #expect(reason == expected, "\(scopes)")
    }
  }

  @Test func healthNeedsNoTokenUnlessAsked() async throws {
    for (open, code) in [(true, nil), (false, StatusCode.unauthenticated)] {
      let authenticator = try Self.authenticator { if !open { $0.openMethods = [] } }
      let server = try Server([Self.service], options: .test { $0.interceptors = [authenticator] })
      let channel = try await server.inMemoryChannel()
      let error = await failure { _ = try await HealthClient(channel).check(HealthCheckRequest()) }
      #expect(error?.code == code)
      await channel.close()
      await server.shutdown(grace: .zero)
    }
  }

  /// 8 KiB are read and no byte more; what is over the limit of a header list is refused before that.
  @Test func aTokenOverTheLimitIsRefusedBeforeItIsRead() async throws {
    let authenticator = try Self.authenticator()
    func token(_ bytes: Int) -> String {
      let empty = Self.key.token(Self.claims(#","x":"""#))
      var filler = (bytes - empty.utf8.count) * 3 / 4
      var token = ""
      repeat {
        token = Self.key.token(
          Self.claims(#","x":"\#(String(repeating: "x", count: filler))""#))
        filler += token.utf8.count < bytes ? 1 : -1
      } while token.utf8.count < bytes
      return token
    }
    let large = token(SignedToken.maxBytes)
    #expect(large.utf8.count <= SignedToken.maxBytes + 1)
    if large.utf8.count == SignedToken.maxBytes {
      let answer = try await reason("Bearer \(large)", authenticator)
      #expect(answer == "ada ")
    }
    let over = try await call("Bearer \(large)x", authenticator)
    guard case .failure(let error) = over else {
      Issue.record("it was taken")
      return
    }
    #expect(error.code == .unauthenticated)
    #expect(authenticator.checkCount <= 2)
    let huge = try await call("Bearer \(String(repeating: "x", count: 17 << 10))", authenticator)
    guard case .failure(let refusal) = huge else {
      Issue.record("it was taken")
      return
    }
    #expect(refusal.code == .resourceExhausted)
  }

  @Test func twoTokensAreNone() async throws {
    let authenticator = try Self.authenticator()
    let server = try Server([Self.service], options: .test { $0.interceptors = [authenticator] })
    let channel = try await server.inMemoryChannel()
    var options = CallOptions()
    for _ in 0..<2 {
      try options.metadata.add("authorization", "Bearer \(Self.key.token(Self.claims()))")
    }
    let error = await failure { _ = try await channel.echo("", options) }
    #expect(error?.code == .unauthenticated)
    await channel.close()
    await server.shutdown(grace: .zero)
  }

  @Test func verifiedTokensAreRememberedAndBounded() throws {
    let verifier = try TokenVerifier(.secret([UInt8](repeating: 7, count: 32)), logger: .none)
    let key = TestSigningKey(secret: [UInt8](repeating: 7, count: 32))
    let first = key.token(#"{"n":-1}"#)
    _ = try verifier.verify(first)
    for number in 0..<(TokenVerifier.maxRemembered - 1) {
      _ = try verifier.verify(key.token("{\"n\":\(number)}"))
    }
    let checks = verifier.checkCount
    _ = try verifier.verify(first)
    #expect(verifier.checkCount == checks)
    _ = try verifier.verify(key.token(#"{"n":"one more"}"#))
    _ = try verifier.verify(first)
    #expect(verifier.checkCount == checks + 2)
  }

  @Test func aKeyNamedByTheTokenIsTheOnlyOneThatIsTried() throws {
    let keys = [TestSigningKey(.edDSA), TestSigningKey(.edDSA)]
    let set = "{\"keys\":[\(keys[0].jwk(id: "a")),\(keys[1].jwk(id: "b"))]}"
    let verifier = try TokenVerifier(.keySet(set), logger: .none)
    #expect(throws: Never.self) { try verifier.verify(keys[0].token("{}", id: "a")) }
    #expect(throws: Never.self) { try verifier.verify(keys[1].token("{}")) }
    #expect(throws: TokenError.badSignature) { try verifier.verify(keys[0].token("{}", id: "b")) }
    #expect(throws: TokenError.unknownKey) { try verifier.verify(keys[0].token("{}", id: "c")) }
  }

  @Test func keysThatCannotBeReadAreNamed() {
    let error = #expect(throws: RPCError.self) {
      try TokenAuthenticator(keys: .keySet(file: "/no/such/keys.json"), logger: .none)
    }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains("/no/such/keys.json") == true)
  }

  @Test func aKeyFileThatChangesIsReadAgain() async throws {
    let folder = TemporaryFolder()
    let (old, new) = (TestSigningKey(.es256), TestSigningKey(.es256))
    let path = folder.write(old.pem, to: "keys.pem")
    let verifier = try TokenVerifier(.publicKeys(.file(path)), logger: .none)
    #expect(throws: Never.self) { try verifier.verify(old.token("{}")) }
    folder.write("no key", to: "keys.pem")
    try await Task.sleep(for: .milliseconds(1100))
    // What cannot be used leaves the keys as they were.
    #expect(throws: Never.self) { try verifier.verify(old.token("{}")) }
    folder.write(new.pem, to: "keys.pem")
    try await Task.sleep(for: .milliseconds(1100))
    #expect(throws: Never.self) { try verifier.verify(new.token("{}")) }
    #expect(throws: TokenError.badSignature) { try verifier.verify(old.token("{}")) }
  }
}
