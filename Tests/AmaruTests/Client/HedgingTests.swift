// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Testing

/// Calls that are sent several times at once, as the service config says.
@Suite struct HedgingTests {
  private static func options(
    _ attempts: Int, delay: String, codes: String = "", rest: String = ""
  ) throws -> ChannelOptions {
    var options = ChannelOptions.test()
    options.serviceConfig = try ServiceConfig(
      json: """
        {"methodConfig": [{"name": [{}], "hedgingPolicy": {"maxAttempts": \(attempts),
          "hedgingDelay": "\(delay)", "nonFatalStatusCodes": [\(codes)]}}]\(rest)}
        """)
    return options
  }

  /// Does not answer the first `slow` calls before they are cancelled; answers with the attempts before.
  private static func slow(_ slow: Int, _ seen: Shared<[String]>) -> TestService {
    TestService(
      .unary(TestMethods.unary) { _, context in
        let number = context.metadata.text("grpc-previous-rpc-attempts") ?? "0"
        seen.change { $0.append("began \(number)") }
        guard Int(number) ?? 0 < slow else { return Text(number) }
        do {
          try await Task.sleep(for: .seconds(1000))
        } catch {
          seen.change { $0.append("cancelled \(number)") }
          throw error
        }
        return Text("too late")
      })
  }

  @Test func theSecondAttemptAnswersWhereTheFirstIsSlow() async throws {
    let seen = Shared<[String]>([])
    try await withChannel(Self.slow(1, seen), options: Self.options(2, delay: "0.01s")) {
      channel, server in
      let reply = try await channel.echo("")
      #expect(reply == "1")
      // The one that lost is cancelled at the server too.
      await server.shutdown()
      #expect(seen.value == ["began 0", "began 1", "cancelled 0"])
    }
  }

  @Test func aQuickAnswerStaysTheOnlyOne() async throws {
    let seen = Shared<[String]>([])
    try await withChannel(Self.slow(0, seen), options: Self.options(5, delay: "100s")) {
      channel, _ in
      let reply = try await channel.echo("")
      #expect(reply == "0")
      #expect(seen.value == ["began 0"])
    }
  }

  @Test func withoutADelayAllAreSentAtOnce() async throws {
    let seen = Shared<[String]>([])
    try await withChannel(Self.slow(2, seen), options: Self.options(3, delay: "0s")) {
      channel, server in
      let reply = try await channel.echo("")
      #expect(reply == "2")
      await server.shutdown()
      #expect(seen.value.count == 5)
    }
  }

  /// Fails with the code that the caller sends, unless so many attempts came before.
  private static func failing(
    until attempts: Int, _ code: StatusCode, pushback: String? = nil, _ count: Shared<Int>
  ) -> TestService {
    TestService(
      .unary(TestMethods.unary) { _, context in
        count.change { $0 += 1 }
        let number = Int(context.metadata.text("grpc-previous-rpc-attempts") ?? "0") ?? 0
        guard number < attempts else { return Text("\(number)") }
        var error = RPCError(code, "attempt \(number)")
        if let pushback { error.metadata = .pushback(pushback) }
        throw error
      })
  }

  @Test func anErrorThatIsNotFatalSendsTheNextAtOnce() async throws {
    let count = Shared(0)
    try await withChannel(
      Self.failing(until: 2, .unavailable, count),
      options: Self.options(4, delay: "1000s", codes: #""UNAVAILABLE""#)
    ) { channel, _ in
      let reply = try await channel.echo("")
      #expect(reply == "2")
      #expect(count.value == 3)
    }
  }

  @Test func whenAllHaveFailedTheLastErrorCounts() async throws {
    let count = Shared(0)
    try await withChannel(
      Self.failing(until: 9, .unavailable, count),
      options: Self.options(3, delay: "1000s", codes: #""UNAVAILABLE""#)
    ) { channel, _ in
      let error = await failure { _ = try await channel.echo("") }
      #expect(error?.message == "attempt 2")
      #expect(count.value == 3)
    }
  }

  @Test func anyOtherErrorEndsTheCall() async throws {
    let count = Shared(0)
    try await withChannel(
      Self.failing(until: 9, .notFound, count),
      options: Self.options(3, delay: "1000s", codes: #""UNAVAILABLE""#)
    ) { channel, _ in
      let error = await failure { _ = try await channel.echo("") }
      #expect(error?.code == .notFound)
      #expect(count.value == 1)
    }
  }

  @Test(arguments: [("-1", 1), ("soon", 1), ("1", 3)])
  func theServersPushbackCounts(_ pushback: String, _ calls: Int) async throws {
    let count = Shared(0)
    try await withChannel(
      Self.failing(until: 9, .unavailable, pushback: pushback, count),
      options: Self.options(3, delay: "1000s", codes: #""UNAVAILABLE""#)
    ) { channel, _ in
      let error = await failure { _ = try await channel.echo("") }
      #expect(error?.code == .unavailable)
      #expect(count.value == calls)
    }
  }

  @Test func theThrottleStopsFurtherAttempts() async throws {
    let count = Shared(0)
    try await withChannel(
      Self.failing(until: 9, .unavailable, count),
      options: Self.options(
        5, delay: "1000s", codes: #""UNAVAILABLE""#,
        rest: #", "retryThrottling": {"maxTokens": 4, "tokenRatio": 0.1}"#)
    ) { channel, _ in
      _ = await failure { _ = try await channel.echo("") }
      #expect(count.value == 2)
    }
  }

  @Test func theDeadlineHoldsForAllAttempts() async throws {
    let seen = Shared<[String]>([])
    try await withChannel(Self.slow(9, seen), options: Self.options(2, delay: "0s")) {
      channel, _ in
      let error = await failure { _ = try await channel.echo("", .timeout(.milliseconds(100))) }
      #expect(error?.code == .deadlineExceeded)
    }
  }

  @Test(arguments: [
    (#"{"maxAttempts": 1}"#, "maxAttempts is 1"),
    (#"{"maxAttempts": 2, "nonFatalStatusCodes": ["OK"]}"#, "nonFatalStatusCodes"),
    (#"{"maxAttempts": 2, "hedgingDelay": "-1s"}"#, "hedgingDelay"),
    (
      #"{"maxAttempts": 2}, "retryPolicy": {"maxAttempts": 2, "initialBackoff": "1s", "maxBackoff": "1s", "backoffMultiplier": 1, "retryableStatusCodes": [14]}"#,
      "keep one"
    ),
  ])
  func aPolicyThatCannotBeUsedIsNamed(_ policy: String, _ reason: String) {
    let error = #expect(throws: RPCError.self) {
      try ServiceConfig(json: #"{"methodConfig": [{"name": [{}], "hedgingPolicy": \#(policy)}]}"#)
    }
    #expect(error?.message.contains("methodConfig[0]") == true)
    #expect(error?.message.contains(reason) == true)
  }
}
