// SPDX-License-Identifier: Apache-2.0
import AmaruIO
import AmaruTestSupport
import Synchronization
import Testing

@testable import Amaru

struct ClientMetricsTests {
  private static let retries = """
    {"methodConfig": [{"name": [{"service": "test.v1.Test"}], "retryPolicy": {
      "maxAttempts": 3, "initialBackoff": "0.001s", "maxBackoff": "0.01s",
      "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]}
    """
  private static let hedges = """
    {"methodConfig": [{"name": [{"service": "test.v1.Test"}], "hedgingPolicy": {
      "maxAttempts": 3, "hedgingDelay": "1000s", "nonFatalStatusCodes": ["UNAVAILABLE"]}}]}
    """

  private static func options(
    _ metrics: Metrics, _ json: String? = nil
  ) throws -> ChannelOptions {
    var options = ChannelOptions.test()
    options.metrics = metrics
    if let json { options.serviceConfig = try ServiceConfig(json: json) }
    return options
  }

  /// Fails `failures` times before it echoes.
  private static func failing(_ failures: Int, _ code: StatusCode = .unavailable) -> TestService {
    let rest = Notes<Void>()
    return TestService(
      .unary(TestMethods.unary) { request, _ in
        rest.add(())
        if rest.count <= failures { throw RPCError(code, "not yet") }
        return request
      },
      .serverStreaming(TestMethods.list) { request, responses, _ in
        rest.add(())
        if rest.count <= failures { throw RPCError(code, "not yet") }
        try await responses.write(request)
        try await responses.write(request)
      })
  }

  private static func ended(
    _ metrics: Metrics, _ what: String, _ code: StatusCode, _ method: String = "Unary"
  ) -> UInt64 {
    metrics.snapshot().histogram(
      "grpc_client_\(what)_duration_seconds",
      ["grpc_method": "test.v1.Test/\(method)", "grpc_status": code.name])?.count ?? 0
  }

  private static func value(_ metrics: Metrics, _ name: String) -> Double {
    metrics.snapshot().value("grpc_client_" + name) ?? -1
  }

  @Test func callsAndAttemptsAreCountedApart() async throws {
    let metrics = Metrics()
    try await withChannel(
      Self.failing(2), options: Self.options(metrics, Self.retries)
    ) { channel, _ in
      _ = try await channel.echo("a")
      _ = try await channel.echo("b")
    }
    #expect(Self.value(metrics, "call_started") == 2)
    #expect(Self.value(metrics, "attempt_started") == 4)
    #expect(Self.value(metrics, "call_retries") == 2)
    #expect(Self.ended(metrics, "call", .ok) == 2)
    #expect(Self.ended(metrics, "call", .unavailable) == 0)
    #expect(Self.ended(metrics, "attempt", .ok) == 2)
    #expect(Self.ended(metrics, "attempt", .unavailable) == 2)
    #expect(Self.value(metrics, "calls_in_flight") == 0)
    let size = Double(Text("a").encoded().count)
    #expect(Self.value(metrics, "attempt_sent_messages") == 4)
    #expect(Self.value(metrics, "attempt_sent_message_bytes") == 4 * size)
    #expect(Self.value(metrics, "call_received_messages") == 2)
    #expect(Self.value(metrics, "call_received_message_bytes") == 2 * size)
  }

  @Test func aCallThatFailsWithAllItsAttemptsFailsOnce() async throws {
    let metrics = Metrics()
    try await withChannel(
      Self.failing(3), options: Self.options(metrics, Self.retries)
    ) { channel, _ in
      #expect(await failure { _ = try await channel.echo("") }?.code == .unavailable)
    }
    #expect(Self.ended(metrics, "call", .unavailable) == 1)
    #expect(Self.ended(metrics, "attempt", .unavailable) == 3)
    #expect(Self.value(metrics, "calls_in_flight") == 0)
  }

  @Test(arguments: [(2, StatusCode.ok), (3, .unavailable)])
  func aHedgedCallIsOneCall(_ failures: Int, _ code: StatusCode) async throws {
    let metrics = Metrics()
    try await withChannel(
      Self.failing(failures), options: Self.options(metrics, Self.hedges)
    ) { channel, _ in
      _ = await failure { _ = try await channel.echo("") }
    }
    #expect(Self.value(metrics, "call_started") == 1)
    #expect(Self.ended(metrics, "call", code) == 1)
    #expect(Self.value(metrics, "attempt_started") == 3)
    #expect(Self.value(metrics, "call_retries") == 2)
    #expect(Self.value(metrics, "calls_in_flight") == 0)
  }

  @Test func streamsEndOnceHoweverTheyEnd() async throws {
    let metrics = Metrics()
    try await withChannel(
      Self.failing(1, .notFound), options: Self.options(metrics)
    ) { channel, _ in
      for _ in 0..<2 {
        _ = await failure {
          let stream = try await channel.serverStreaming(TestMethods.list, Text("x"))
          for try await _ in stream {}
        }
      }
      // Read again after its failure, and let go in the middle.
      let failed = try await channel.serverStreaming(
        TestMethods.method("Bogus", .serverStreaming), Text("x"))
      for _ in 0..<2 { _ = await failure { for try await _ in failed {} } }
      let whole = try await channel.serverStreaming(TestMethods.list, Text("x"))
      for try await _ in whole { break }
    }
    #expect(Self.ended(metrics, "call", .notFound, "List") == 1)
    #expect(Self.ended(metrics, "call", .unimplemented, "Bogus") == 1)
    #expect(Self.value(metrics, "call_started") == 4)
  }

  @Test func aCallThatReachesNoServerIsACallWithoutAnAttempt() async throws {
    let metrics = Metrics()
    let channel = try ClientChannel(
      addresses: [.tcp(host: "127.0.0.1", port: FreePort.next())], options: Self.options(metrics))
    #expect(await failure { _ = try await channel.echo("") }?.code == .unavailable)
    #expect(Self.ended(metrics, "call", .unavailable) == 1)
    #expect(Self.value(metrics, "attempt_started") == 0)
    #expect(Self.value(metrics, "calls_in_flight") == 0)
    let states = metrics.snapshot().family("grpc_client_server_state")?.samples ?? []
    #expect(
      states.filter { $0.value == .number(1) }.map { $0.labels.last?.value } == ["transient failure"])
    await channel.close()
  }

  @Test func callsInFlightAndConnectionsAreSeenWhileTheyLast() async throws {
    let metrics = Metrics()
    try await withChannel(options: Self.options(metrics)) { channel, server in
      let stream = try await channel.bidirectional(TestMethods.chat)
      try await stream.write(Text("x"))
      #expect(Self.value(metrics, "calls_in_flight") == 1)
      #expect(Self.value(metrics, "connections") == 1)
      let snapshot = metrics.snapshot()
      #expect(snapshot.value("grpc_client_server_state", ["state": "ready"]) == 1)
      #expect(snapshot.value("grpc_client_server_state", ["state": "idle"]) == 0)
      #expect(
        snapshot.family("grpc_client_call_started")?.samples.first?.labels.last
          == MetricLabel("grpc_target", server.addresses.first?.description ?? ""))
      try await stream.finish()
      for try await _ in stream.responses {}
      #expect(Self.value(metrics, "calls_in_flight") == 0)
      #expect(Self.ended(metrics, "call", .ok, "Chat") == 1)
    }
  }

  @Test func theCircuitIsSeen() async throws {
    let metrics = Metrics()
    var options = try Self.options(metrics)
    var breaker = CircuitBreaker()
    breaker.minimumCalls = 2
    breaker.window = .seconds(1000)
    breaker.openTime = .seconds(1000)
    options.circuitBreaker = breaker
    try await withChannel(Self.failing(2, .unavailable), options: options) { channel, _ in
      func circuit() -> [String: Double] {
        Dictionary(
          uniqueKeysWithValues: CircuitState.allCases.map { state in
            let labels = ["state": state.rawValue]
            return (
              state.rawValue, metrics.snapshot().value("grpc_client_circuit_state", labels) ?? -1
            )
          })
      }
      await channel.connect()
      _ = await failure { _ = try await channel.echo("") }
      #expect(circuit() == ["closed": 1, "open": 0, "half-open": 0])
      _ = await failure { _ = try await channel.echo("") }
      #expect(circuit() == ["closed": 0, "open": 1, "half-open": 0])
      _ = await failure { _ = try await channel.echo("") }
    }
    #expect(Self.ended(metrics, "call", .unavailable) == 3)
    #expect(Self.value(metrics, "attempt_started") == 2)
  }

  @Test func methodsBeyondTheLimitShareALabel() {
    let totals = {
      let loop = try EventLoop()
      let counts = ClientCounts(target: "t", loop: loop)
      for number in 0..<ClientCounts.maxMethods + 2 {
        counts.callBegan(TestMethods.method("M\(number)", .unary).descriptor)
      }
      var totals = ClientTotals()
      counts.add(to: &totals)
      return totals
    }
    guard let methods = try? totals().methods else {
      Issue.record("no loop")
      return
    }
    #expect(methods.count == ClientCounts.maxMethods + 1)
    let other = methods[ClientTotals.Key(target: "t", method: ClientCounts.other)]
    #expect(other?.calls[CallCounts.started] == 2)
  }

  @Test func targetsBeyondTheLimitShareALabel() {
    var totals = ClientTotals()
    var one = [UInt64](repeating: 0, count: ClientTotals.stride)
    one[CallCounts.started] = 1
    for number in 0..<1002 { totals.add(one, target: "t\(number)", method: "m") }
    #expect(totals.methods.count == 1001)
    let other = ClientTotals.Key(target: ClientCounts.other, method: ClientCounts.other)
    #expect(totals.methods[other]?.attempts[CallCounts.started] == 2)
  }
}
