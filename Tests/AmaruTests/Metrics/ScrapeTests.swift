// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import Amaru

struct ScrapeTests {
  private static let usual = "GET /metrics HTTP/1.1\r\nHost: a\r\naccept: */*\r\n\r\n"

  /// What an endpoint of its own answers to `request`.
  private static func answer(_ request: String) throws -> String {
    let port = FreePort.next()
    let endpoint = try MetricsEndpoint(
      Metrics(), listeningOn: .tcp(host: "127.0.0.1", port: port))
    defer { endpoint.close() }
    guard let scraper = WireClient(port: port) else { throw NoConnection() }
    scraper.send(Array(request.utf8))
    scraper.readToEnd()
    return String(decoding: scraper.raw, as: UTF8.self)
  }

  @Test(
    .ownThread,
    arguments: [
      ("GET /metrics HTTP/1.0\r\n\r\n", 200), ("GET /metrics?x=1 HTTP/1.1\r\nhost: a\r\n\r\n", 200),
      ("GET http://a:1/metrics HTTP/1.1\r\nhost: a\r\n\r\n", 200),
      ("GET / HTTP/1.1\r\nhost: a\r\n\r\n", 404), ("GET /metrics/ HTTP/1.1\r\nhost: a\r\n\r\n", 404),
      ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi", 404),
      ("POST /metrics HTTP/1.1\r\nhost: a\r\ncontent-length: 99\r\n\r\n", 405),
      ("get /metrics HTTP/1.1\r\nhost: a\r\n\r\n", 405),
      ("GET /metrics HTTP/1.1\r\n\r\n", 400), ("GET /metrics HTTP/2.0\r\nhost: a\r\n\r\n", 505),
    ] as [(String, Int)])
  func eachRequestGetsItsStatusAndTheConnectionEnds(_ request: String, _ status: Int) throws {
    let answer = try Self.answer(request)
    #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
    #expect(answer.contains("\r\nconnection: close\r\n"))
  }

  @Test(.ownThread) func aSecondRequestIsNotAnswered() throws {
    let answer = try Self.answer(Self.usual + Self.usual)
    #expect(answer.split(separator: "HTTP/1.1 200 OK").count == 1)
  }

  @Test(.ownThread) func headGetsTheHeadOnly() throws {
    let answer = try Self.answer("HEAD /metrics HTTP/1.1\r\nhost: a\r\n\r\n")
    #expect(answer.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"))
    #expect(answer.hasSuffix("\r\n\r\n"))
  }

  @Test(.ownThread, arguments: [(0, 200), (1, 431)])
  func oneByteOverTheLimitIsTooMuch(_ extra: Int, _ status: Int) throws {
    // As HTTP/2 counts the list.
    let others = [":methodGET", ":schemehttp", ":path/metrics", "hosta", "x"]
    let counted = others.reduce(0) { $0 + $1.utf8.count + 32 }
    let fill = MetricsEndpoint.maxHeaderListBytes - counted + extra
    let answer = try Self.answer(
      "GET /metrics HTTP/1.1\r\nhost:a\r\nx:" + String(repeating: "x", count: fill) + "\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
  }

  @Test(.ownThread) func aServerAnswersOnAPortOfItsOwnUntilItStops() async throws {
    let metricsPort = FreePort.next()
    try await withServer(
      .echo, { $0.metricsAddress = .tcp(host: "127.0.0.1", port: metricsPort) }
    ) { server, port in
      #expect(server.metricsAddress == .tcp(host: "127.0.0.1", port: metricsPort))
      _ = try client(port).call("Unary", "x")
      for _ in 0..<3 {
        guard let scraper = WireClient(port: metricsPort) else { throw NoConnection() }
        scraper.send(Array(Self.usual.utf8))
        scraper.readToEnd()
        let text = String(decoding: scraper.raw, as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.contains("grpc_server_call_started_total{grpc_method=\"test.v1.Test/Unary\"} 1\n"))
        #expect(text.hasSuffix("# EOF\n"))
      }
    }
  }

  @Test(.ownThread) func anAddressThatIsInUseKeepsTheServerFromStarting() async throws {
    try await withServer(.echo, { $0.metricsAddress = .tcp(host: "127.0.0.1", port: 0) }) { server, _ in
      guard let taken = server.metricsAddress else { throw NoConnection() }
      #expect(throws: ServerError.self) { try MetricsEndpoint(Metrics(), on: taken) }
    }
  }

  @Test(.ownThread) func aScraperThatSaysNothingIsDisconnectedInTime() throws {
    let port = FreePort.next()
    let endpoint = try MetricsEndpoint(
      Metrics(), listeningOn: .tcp(host: "127.0.0.1", port: port), timeout: .milliseconds(50))
    defer { endpoint.close() }
    guard let silent = WireClient(port: port), let slow = WireClient(port: port) else {
      throw NoConnection()
    }
    slow.send(Array(Self.usual.utf8.dropLast()))
    silent.readToEnd()
    slow.readToEnd()
    #expect(silent.raw.isEmpty && slow.raw.isEmpty)
  }

  @Test(.ownThread) func scrapersBeyondTheLimitWaitForAnotherToGo() throws {
    let port = FreePort.next()
    let endpoint = try MetricsEndpoint(
      Metrics(), listeningOn: .tcp(host: "127.0.0.1", port: port))
    defer { endpoint.close() }
    let idle = (0..<MetricsEndpoint.maxConnections).compactMap { _ in WireClient(port: port) }
    #expect(idle.count == MetricsEndpoint.maxConnections)
    guard let last = WireClient(port: port) else { throw NoConnection() }
    last.send(Array(Self.usual.utf8))
    idle.first?.close()
    last.readToEnd()
    #expect(last.raw.starts(with: Array("HTTP/1.1 200".utf8)))
  }
}
