// SPDX-License-Identifier: Apache-2.0
@testable import Amaru
import AmaruTestSupport
import Synchronization
import Testing

/// Calls that are made again, as the service config says.
@Suite struct RetryTests {
  /// A service that fails the first `failures` calls with `code`, and answers with the attempts before.
  private static func failing(
    _ failures: Int, _ code: StatusCode = .unavailable, pushback: String? = nil, count: Counter
  ) -> TestService {
    let check: @Sendable (CallContext) throws -> Void = { _ in
      guard count.next() <= failures else { return }
      var metadata = Metadata()
      if let pushback { metadata = .pushback(pushback) }
      throw RPCError(code, "not yet", metadata: metadata)
    }
    return TestService(
      .unary(TestMethods.unary) { _, context in
        try check(context)
        return Text(context.metadata.text("grpc-previous-rpc-attempts") ?? "0")
      },
      .serverStreaming(TestMethods.list) { request, responses, context in
        try check(context)
        try await responses.write(request)
        if request.value == "fail later" { throw RPCError(.unavailable, "later") }
      })
  }

  private static func options(_ json: String) throws -> ChannelOptions {
    var options = ChannelOptions.test()
    options.serviceConfig = try ServiceConfig(json: json)
    return options
  }

  private static func policy(_ attempts: Int, throttling: String = "") -> String {
    """
    {"methodConfig": [{"name": [{"service": "test.v1.Test"}], "retryPolicy": {
      "maxAttempts": \(attempts), "initialBackoff": "0.001s", "maxBackoff": "0.01s",
      "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE", 10]}}]\(throttling)}
    """
  }

  /// As many failures as attempts but one are got over; one more is not.
  @Test(arguments: [StatusCode.unavailable, .aborted])
  func aCallIsMadeAgainUntilTheAttemptsAreUsedUp(_ code: StatusCode) async throws {
    for (failures, expected) in [(2, "2"), (3, "not yet")] {
      let count = Counter()
      try await withChannel(
        Self.failing(failures, code, count: count), options: Self.options(Self.policy(3))
      ) { channel, _ in
        let result: String
        do {
          result = try await channel.echo("")
        } catch let error as RPCError {
          result = error.message
        }
        #expect(result == expected)
        #expect(count.value == 3)
      }
    }
  }

  @Test func anotherCodeIsNotRetried() async throws {
    let count = Counter()
    try await withChannel(
      Self.failing(1, .internal, count: count), options: Self.options(Self.policy(3))
    ) { channel, _ in
      let error = await failure { _ = try await channel.echo("") }
      #expect(error?.code == .internal)
      #expect(count.value == 1)
    }
  }

  @Test func aStreamIsMadeAgainUntilItsFirstMessage() async throws {
    let count = Counter()
    try await withChannel(
      Self.failing(2, count: count), options: Self.options(Self.policy(5))
    ) { channel, _ in
      var texts: [String] = []
      for try await text in try await channel.serverStreaming(TestMethods.list, Text("here")) {
        texts.append(text.value)
      }
      #expect(texts == ["here"])
      #expect(count.value == 3)
      let error = await failure {
        for try await _ in try await channel.serverStreaming(TestMethods.list, Text("fail later")) {}
      }
      #expect(error?.message == "later")
      #expect(count.value == 4)
    }
  }

  @Test(arguments: [("-1", 1), ("soon", 1), ("0", 2), ("5", 2)])
  func theServersPushbackCounts(_ pushback: String, _ calls: Int) async throws {
    let count = Counter()
    try await withChannel(
      Self.failing(1, pushback: pushback, count: count), options: Self.options(Self.policy(3))
    ) { channel, _ in
      _ = try? await channel.echo("")
      #expect(count.value == calls)
    }
  }

  /// Of four tokens two are left after the second failure, which is half: nothing is retried from there on.
  @Test func theThrottleStopsRetries() async throws {
    let count = Counter()
    let throttling = #", "retryThrottling": {"maxTokens": 4, "tokenRatio": 0.1}"#
    try await withChannel(
      Self.failing(100, count: count), options: Self.options(Self.policy(5, throttling: throttling))
    ) { channel, _ in
      _ = try? await channel.echo("")
      #expect(count.value == 2)
      _ = try? await channel.echo("")
      #expect(count.value == 3)
    }
  }

  @Test func theTimeoutOfAMethodHoldsForAllAttempts() async throws {
    let json = """
      {"methodConfig": [{"name": [{}], "timeout": "0.2s", "retryPolicy": {
        "maxAttempts": 5, "initialBackoff": "100s", "maxBackoff": "100s", "backoffMultiplier": 1,
        "retryableStatusCodes": ["UNAVAILABLE"]}}]}
      """
    let count = Counter()
    try await withChannel(Self.failing(1, count: count), options: Self.options(json)) { channel, _ in
      // The wait is longer than what is left: the failure is told at once.
      let error = await failure { _ = try await channel.echo("") }
      #expect(error?.code == .unavailable || error?.code == .deadlineExceeded)
      #expect(count.value <= 1)
    }
  }

  /// The limit of what is sent, and one byte more.
  @Test func aRequestOverTheLimitIsNotSent() async throws {
    let json = #"{"methodConfig": [{"name": [{}], "maxRequestMessageBytes": 12}]}"#
    let count = Counter()
    try await withChannel(Self.failing(0, count: count), options: Self.options(json)) { channel, _ in
      _ = try await channel.echo("1234567890")
      let error = await failure { _ = try await channel.echo("12345678901") }
      #expect(error?.code == .resourceExhausted)
      #expect(error?.message == "a request of 13 bytes is over the limit of 12 bytes")
      #expect(count.value == 1)
    }
  }

  @Test(
    arguments: [
      ("{", "line 1"), (#"{"methodConfig": 3}"#, "methodConfig"),
      (#"{"methodConfig": [{"name": [{"method": "m"}]}]}"#, "without its service"),
      (#"{"methodConfig": [{"name": [{}, {}]}]}"#, "twice"),
      (#"{"methodConfig": [{"name": [{}], "timeout": "-1s"}]}"#, "methodConfig[0].timeout"),
      (#"{"methodConfig": [{"name": [{}], "retryPolicy": {}}]}"#, "maxAttempts"),
      (#"{"retryThrottling": {"maxTokens": 1001, "tokenRatio": 1}}"#, "maxTokens"),
      (#"{"retryThrottling": {"maxTokens": 1000, "tokenRatio": 0}}"#, "tokenRatio"),
    ])
  func aConfigThatCannotBeUsedSaysWhy(_ json: String, _ reason: String) async {
    let error = await failure { _ = try ServiceConfig(json: json) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }
}

/// Counts calls.
final class Counter: Sendable {
  private let count = Mutex(0)

  var value: Int { count.withLock { $0 } }

  /// The number of this call, from 1.
  func next() -> Int {
    count.withLock {
      $0 += 1
      return $0
    }
  }
}

extension Metadata {
  /// Where a server says how long to wait: a name of gRPC's own, which handlers cannot use by mistake.
  static func pushback(_ text: String) -> Metadata {
    var metadata = Metadata()
    metadata.append(received: "grpc-retry-pushback-ms", .text(text))
    return metadata
  }
}
