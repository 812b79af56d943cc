// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruIO
import AmaruTestSupport
import Synchronization
import Testing

/// Notes what passes.
private final class Recorder: ClientInterceptor {
  let name: String
  let lines: Shared<[String]>

  init(_ name: String, _ lines: Shared<[String]>) {
    self.name = name
    self.lines = lines
  }

  func intercept(
    _ method: MethodDescriptor, _ options: CallOptions,
    next: @Sendable (MethodDescriptor, CallOptions) async throws -> ClientCall
  ) async throws -> ClientCall {
    var options = options
    try options.metadata.add("seen-by", name)
    lines.change { $0.append("\(name) \(method.name) \(options.previousAttempts)") }
    let call = try await next(method, options)
    call.whenEnded { [name, lines] call in
      lines.change { $0.append("\(name) end \(call.failure?.code.name ?? "OK")") }
    }
    return call
  }
}

final class Shared<Value: Sendable>: Sendable {
  private let mutex: Mutex<Value>
  init(_ value: Value) { mutex = Mutex(value) }
  var value: Value { mutex.withLock { $0 } }
  func change(_ body: (inout Value) -> Void) { mutex.withLock { body(&$0) } }
}

@Suite struct ClientInterceptorTests {
  /// Answers with the values that the caller sent under `seen-by` and `authorization`.
  static let echo = TestService(
    .unary(TestMethods.unary) { request, context in
      if request.value == "fail" { throw RPCError(.aborted, "as asked") }
      return Text(
        ["seen-by", "authorization"].flatMap { context.metadata[$0] }.map { value in
          if case .text(let text) = value { text } else { "?" }
        }.joined(separator: ","))
    })

  @Test func theyRunInOrderAndSeeTheEnd() async throws {
    let lines = Shared<[String]>([])
    let options = ChannelOptions.test { options in
      options.interceptors = [Recorder("a", lines), Recorder("b", lines)]
    }
    try await withChannel(Self.echo, options: options) { channel, _ in
      let reply = try await channel.echo("")
      #expect(reply == "a,b")
      #expect(lines.value == ["a Unary 0", "b Unary 0", "b end OK", "a end OK"])
      _ = await failure { _ = try await channel.echo("fail") }
      #expect(lines.value.suffix(2) == ["b end ABORTED", "a end ABORTED"])
    }
  }

  @Test func eachAttemptOfARetriedCallPasses() async throws {
    let lines = Shared<[String]>([])
    let config = try ServiceConfig(
      json: """
        {"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.001s",
          "maxBackoff": "0.001s", "backoffMultiplier": 1, "retryableStatusCodes": ["ABORTED"]}}]}
        """)
    let options = ChannelOptions.test { options in
      options.interceptors = [Recorder("a", lines)]
      options.serviceConfig = config
    }
    try await withChannel(Self.echo, options: options) { channel, _ in
      let error = await failure { _ = try await channel.echo("fail") }
      #expect(error?.code == .aborted)
      #expect(
        lines.value == (0..<3).flatMap { ["a Unary \($0)", "a end ABORTED"] })
    }
  }

  @Test func oneMayRefuseTheCall() async throws {
    struct Refusal: ClientInterceptor {
      func intercept(
        _ method: MethodDescriptor, _ options: CallOptions,
        next: @Sendable (MethodDescriptor, CallOptions) async throws -> ClientCall
      ) async throws -> ClientCall { throw RPCError(.resourceExhausted, "not today") }
    }
    try await withChannel(options: .test { $0.interceptors = [Refusal()] }) { channel, _ in
      let error = await failure { _ = try await channel.echo("") }
      #expect(error == RPCError(.resourceExhausted, "not today"))
    }
  }

  @Test func aCallThatIsGivenUpEndsForThemToo() async throws {
    let lines = Shared<[String]>([])
    try await withChannel(options: .test { $0.interceptors = [Recorder("a", lines)] }) {
      channel, _ in
      let chat = try await channel.bidirectional(TestMethods.chat)
      await chat.cancel()
      #expect(lines.value == ["a Chat 0", "a end CANCELLED"])
    }
  }
}

@Suite struct CredentialTests {
  @Test func theChannelsAndTheCallsAreSent() async throws {
    let count = Shared(0)
    let options = ChannelOptions.test { options in
      options.credentials = BearerToken {
        count.change { $0 += 1 }
        return "token\(count.value)"
      }
    }
    try await withChannel(ClientInterceptorTests.echo, options: options) { channel, _ in
      let first = try await channel.echo("")
      #expect(first == "Bearer token1")
      var call = CallOptions()
      call.credentials = BearerToken("mine")
      let second = try await channel.echo("", call)
      #expect(second == "Bearer token2,Bearer mine")
    }
  }

  @Test func onesThatCannotBeMadeEndTheCall() async throws {
    struct NoToken: Error {}
    try await withChannel(ClientInterceptorTests.echo) { channel, _ in
      var call = CallOptions()
      call.credentials = BearerToken { throw NoToken() }
      let first = await failure { _ = try await channel.echo("", call) }
      #expect(first?.code == .unavailable)
      #expect(first?.message.contains("NoToken") == true)
      call.credentials = BearerToken("line\nbreak")
      let second = await failure { _ = try await channel.echo("", call) }
      #expect(second?.code == .unauthenticated)
    }
  }

  @Test func theyAreNotSentToOtherMachinesInPlaintext() async throws {
    // An address for documentation (RFC 5737), where nobody listens.
    var options = ChannelOptions.test { $0.credentials = BearerToken("secret") }
    let channel = try ClientChannel("ipv4:192.0.2.1:9", options: options)
    let error = await failure { _ = try await channel.echo("") }
    #expect(error?.code == .unauthenticated)
    #expect(error?.message.contains("in plaintext") == true)
    await channel.close()

    options.sendsCredentialsInPlaintext = true
    let allowed = try ClientChannel("ipv4:192.0.2.1:9", options: options)
    let other = await failure { _ = try await allowed.echo("", .timeout(.milliseconds(50))) }
    #expect(other != nil && other?.code != .unauthenticated)
    await allowed.close()
  }

  @Test(arguments: [
    ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("::ffff:127.0.0.1", true),
    ("192.0.2.1", false), ("::ffff:192.0.2.1", false), ("2001:db8::1", false),
  ])
  func whichAddressesAreOfThisMachine(_ host: String, _ isLocal: Bool) throws {
    for address in try ResolvedAddress.of(.tcp(host: host, port: 1)) {
      #expect(address.isLocal == isLocal)
    }
  }
}
