// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import Amaru

struct ServerMetricsTests {
  /// Echoes, and fails with the code that the text names.
  private static let failing = TestService(
    .unary(TestMethods.unary) { request, _ in
      guard let code = StatusCode.allCases.first(where: { $0.name == request.value }) else {
        return request
      }
      throw RPCError(code, "as asked")
    },
    .clientStreaming(TestMethods.collect) { requests, _ in
      for try await _ in requests {}
      return Text("done")
    })

  private static func ended(
    _ metrics: Metrics, _ method: String, _ code: StatusCode
  ) -> UInt64 {
    metrics.snapshot().histogram(
      "grpc_server_call_duration_seconds",
      [
        "grpc_method": method.contains("/") ? method : "test.v1.Test/\(method)",
        "grpc_status": code.name,
      ])?.count ?? 0
  }

  private static func value(_ metrics: Metrics, _ name: String, _ method: String) -> Double? {
    metrics.snapshot().value(name, ["grpc_method": "test.v1.Test/\(method)"])
  }

  @Test func callsAreCountedByMethodAndCode() async throws {
    let metrics = Metrics()
    try await withServer(Self.failing, { $0.metrics = metrics }) { _, port in
      let client = try client(port)
      for _ in 0..<3 { _ = client.call("Unary", "fine") }
      for code in StatusCode.allCases where code != .ok { _ = client.call("Unary", code.name) }
      #expect(Self.ended(metrics, "Unary", .ok) == 3)
      for code in StatusCode.allCases where code != .ok {
        #expect(Self.ended(metrics, "Unary", code) == 1, "\(code)")
      }
      #expect(Self.value(metrics, "grpc_server_call_started", "Unary") == 19)
      #expect(Self.value(metrics, "grpc_server_calls_in_flight", "Unary") == 0)
      #expect(Self.value(metrics, "grpc_server_call_started", "Collect") == 0)
    }
  }

  @Test func callsThatTheirHandlersDoNotEndAreCountedToo() async throws {
    let metrics = Metrics()
    try await withServer(Self.failing, { $0.metrics = metrics }) { _, port in
      let client = try client(port)
      let late = client.begin("Collect", ["grpc-timeout: 5m"])
      client.read { $0[late].isOver }
      #expect(Self.ended(metrics, "Collect", .deadlineExceeded) == 1)
      let cancelled = client.begin("Collect")
      client.ping()
      #expect(Self.value(metrics, "grpc_server_calls_in_flight", "Collect") == 1)
      client.send(.reset(cancelled, .cancel))
      client.ping()
      #expect(Self.ended(metrics, "Collect", .cancelled) == 1)
      #expect(Self.value(metrics, "grpc_server_calls_in_flight", "Collect") == 0)
      // One that was reset before its message was whole, so that it was never dispatched.
      let unheard = client.begin("Unary")
      client.send(.reset(unheard, .cancel))
      client.ping()
      #expect(Self.ended(metrics, "Unary", .cancelled) == 1)
    }
  }

  @Test func aMethodThatGivesNoResponseCountsAsTheErrorThatTheCallerSees() async throws {
    struct Swallow: Interceptor {
      func intercept(_ context: CallContext, next: Handler.Serve) async throws {}
    }
    let metrics = Metrics()
    try await withServer(
      .echo,
      {
        $0.metrics = metrics
        $0.interceptors = [Swallow()]
      }
    ) { _, port in
      let client = try client(port)
      #expect(client.call("Unary", "x").status == 13)
      #expect(Self.ended(metrics, "Unary", .internal) == 1)
    }
  }

  @Test func methodsThatAreNotThereShareOneLabel() async throws {
    let metrics = Metrics()
    try await withServer(.echo, { $0.metrics = metrics }) { _, port in
      let client = try client(port)
      for number in 0..<50 { _ = client.call("/no.Such\(number)/Method", "x") }
      let samples = metrics.snapshot().family("grpc_server_call_duration_seconds")?.samples ?? []
      #expect(samples.count == 1)
      #expect(
        samples.first?.labels == [
          MetricLabel("grpc_method", "unknown"), MetricLabel("grpc_status", "UNIMPLEMENTED"),
        ])
      if case .histogram(let durations)? = samples.first?.value { #expect(durations.count == 50) }
    }
  }

  @Test func messagesAndTheirBytesAreCounted() async throws {
    let metrics = Metrics()
    try await withServer(.echo, { $0.metrics = metrics }) { _, port in
      let client = try client(port)
      _ = client.call("List", "a,b,c")
      let size = Double(Text("a,b,c").encoded().count)
      #expect(Self.value(metrics, "grpc_server_call_received_messages", "List") == 1)
      #expect(Self.value(metrics, "grpc_server_call_received_message_bytes", "List") == size)
      #expect(Self.value(metrics, "grpc_server_call_sent_messages", "List") == 3)
      #expect(
        Self.value(metrics, "grpc_server_call_sent_message_bytes", "List")
          == 3 * Double(Text("a").encoded().count))
    }
  }

  @Test func connectionsAndTheirBytesAreCounted() async throws {
    let metrics = Metrics()
    try await withServer(.echo, { $0.metrics = metrics }) { _, port in
      let first = try client(port)
      let second = try client(port)
      // The second answer comes after the acknowledgements of the settings were counted.
      for connection in [first, second, first, second] { connection.ping() }
      let snapshot = metrics.snapshot()
      #expect(snapshot.value("grpc_server_connections") == 2)
      #expect(snapshot.value("grpc_server_connections_accepted") == 2)
      let before = snapshot.value("grpc_server_received_bytes") ?? 0
      let sent = snapshot.value("grpc_server_sent_bytes") ?? 0
      first.send(.ping(77))
      first.read { $0.pongs.count == 3 }
      #expect(metrics.snapshot().value("grpc_server_received_bytes") == before + 17)
      #expect(metrics.snapshot().value("grpc_server_sent_bytes") == sent + 17)
    }
    let snapshot = metrics.snapshot()
    #expect(snapshot.value("grpc_server_connections") == 0)
    #expect(snapshot.value("grpc_server_connections_accepted") == 2)
  }

  @Test func whatServersCountThatHaveStoppedStaysAndIsSummed() async throws {
    let metrics = Metrics()
    for round in 1...3 {
      try await withServer(
        .echo,
        {
          $0.metrics = metrics
          $0.loops = 2
        }
      ) { _, port in
        for _ in 0..<4 { _ = try client(port).call("Unary", "x") }
      }
      #expect(Self.ended(metrics, "Unary", .ok) == UInt64(4 * round))
    }
  }

  @Test func theScrapeServiceGivesTheText() async throws {
    try await withServer(.echo, { $0.servesMetrics = true }) { server, port in
      let client = try client(port)
      let stream = client.begin("/amaru.metrics.v1.MetricsService/Scrape")
      client.send(.data(stream, Envelope.bytes(ScrapeRequest().encoded()), end: true))
      client.read { $0[stream].isOver }
      let response = try ScrapeResponse(decoding: client.peer[stream].messages.first ?? [])
      #expect(response.contentType == OpenMetrics.contentType)
      #expect(response.text.hasSuffix("# EOF\n"))
      #expect(
        response.text.contains(
          "grpc_server_calls_in_flight{grpc_method=\"amaru.metrics.v1.MetricsService/Scrape\"} 1\n"))
    }
  }

  @Test func withoutMetricsThereIsNoScrapeService() async throws {
    try await withServer { server, port in
      #expect(server.options.metrics == nil)
      let client = try client(port)
      let stream = client.begin("/amaru.metrics.v1.MetricsService/Scrape", end: true)
      client.read { $0[stream].isOver }
      #expect(client.peer[stream].status == 12)
    }
  }
}
