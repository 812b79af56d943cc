// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import Amaru

struct ScrapeTests {
  private static func answer(_ head: String, pieces: Int = 1) -> String? {
    var exchange = ScrapeExchange { "the text\n" }
    let bytes = Array(head.utf8)
    var answer: [UInt8]?
    for piece in stride(from: 0, to: bytes.count, by: max(1, bytes.count / pieces)) {
      guard answer == nil else { break }
      answer = exchange.receive(bytes[piece...].prefix(max(1, bytes.count / pieces)))
    }
    return answer.map { String(decoding: $0, as: UTF8.self) }
  }

  private static let usual = "GET /metrics HTTP/1.1\r\nHost: a\r\naccept: */*\r\n\r\n"

  @Test func aRequestIsAnsweredHoweverItIsCut() {
    let wanted =
      "HTTP/1.1 200 OK\r\ncontent-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"
      + "content-length: 9\r\nconnection: close\r\n\r\nthe text\n"
    for pieces in 1...Self.usual.utf8.count {
      #expect(Self.answer(Self.usual, pieces: pieces) == wanted)
    }
    #expect(Self.answer(String(Self.usual.dropLast())) == nil)
  }

  @Test(
    arguments: [
      ("GET /metrics HTTP/1.0\r\n\r\n", 200), ("GET /metrics?x=1 HTTP/1.1\r\nhost: a\r\n\r\n", 200),
      ("GET http://a:1/metrics HTTP/1.1\r\nhost: a\r\n\r\n", 200),
      ("GET / HTTP/1.1\r\nhost: a\r\n\r\n", 404), ("GET /metrics/ HTTP/1.1\r\nhost: a\r\n\r\n", 404),
      ("POST / HTTP/1.1\r\nhost: a\r\n\r\n", 404),
      ("POST /metrics HTTP/1.1\r\nhost: a\r\n\r\n", 405),
      ("get /metrics HTTP/1.1\r\nhost: a\r\n\r\n", 405),
      ("GET /metrics HTTP/1.1\r\n\r\n", 400),
      ("GET /metrics HTTP/1.1\r\nhost: a\r\nHost: b\r\n\r\n", 400),
      ("GET /metrics HTTP/2.0\r\nhost: a\r\n\r\n", 400), ("GET /metrics\r\n\r\n", 400),
      ("GET  /metrics HTTP/1.1\r\nhost: a\r\n\r\n", 400), ("\r\n\r\n", 400),
      ("GET /metrics HTTP/1.1\r\nhost: a\r\nno field\r\n\r\n", 400),
      ("GET /metrics HTTP/1.1\r\nhost : a\r\n\r\n", 400),
      ("GET /metrics HTTP/1.1\r\nhost: a\r\n folded: b\r\n\r\n", 400),
      ("GET /metrics HTTP/1.1\nhost: a\r\n\r\n", 400),
      ("GET /metrics HTTP/1.1\r\nhost: a\rb\r\n\r\n", 400),
      ("GET /metrics HTTP/1.1\r\nhost: a\0\r\n\r\n", 400),
    ] as [(String, Int)])
  func eachRequestGetsItsStatus(_ head: String, _ status: Int) {
    #expect(Self.answer(head)?.hasPrefix("HTTP/1.1 \(status) ") == true)
  }

  @Test func headGetsTheHeadOnly() {
    let answer = Self.answer("HEAD /metrics HTTP/1.1\r\nhost: a\r\n\r\n")
    #expect(answer?.contains("content-length: 9\r\n") == true)
    #expect(answer?.hasSuffix("\r\n\r\n") == true)
  }

  @Test(arguments: [0, 1])
  func oneByteOverTheLimitIsTooMuch(_ extra: Int) {
    let start = "GET /metrics HTTP/1.1\r\nhost: a\r\nx: "
    let fill = ScrapeExchange.maxHeadBytes - start.utf8.count - 4 + extra
    let answer = Self.answer(start + String(repeating: "x", count: fill) + "\r\n\r\n", pieces: 7)
    #expect(answer?.hasPrefix(extra == 0 ? "HTTP/1.1 200 " : "HTTP/1.1 431 ") == true)
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
