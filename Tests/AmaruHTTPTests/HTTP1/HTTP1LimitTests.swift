// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AmaruHTTP

/// Every limit, met and crossed by one.
struct HTTP1LimitTests {
  private func status(_ text: String, _ limits: HTTPLimits) -> [String] {
    [1, 13, 1 << 20].map { size in
      let exchange = HTTP1Exchange(limits)
      exchange.onRequest = { $0.answer() }
      exchange.receive(text, by: size)
      return String(exchange.take().dropFirst("HTTP/1.1 ".count).prefix(3))
    }
  }

  private func expect(_ wanted: String, _ limits: HTTPLimits, _ text: String) {
    #expect(status(text, limits) == [wanted, wanted, wanted])
  }

  /// `:method GET`, `:scheme http` and the name of `:path`, each with 32 bytes more.
  private let lineBytes = (7 + 3 + 32) + (7 + 4 + 32) + (5 + 32)

  @Test func theTarget() {
    let limits = HTTPLimits(maxHeaderListBytes: 1000)
    let path = "/" + String(repeating: "x", count: 1000 - lineBytes - 1)
    // The list is full with the line alone.
    expect("431", limits, "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
    expect("414", limits, "GET \(path)x HTTP/1.1\r\nHost: a\r\n\r\n")
    expect("200", limits, "GET \(path) HTTP/1.0\r\n\r\n")
    expect("414", limits, "GET \(path)x HTTP/1.0\r\n\r\n")
  }

  @Test func aFirstLineWithoutAnEnd() {
    let limits = HTTPLimits(maxHeaderListBytes: 1000)
    expect("", limits, "GET /" + String(repeating: "x", count: 996))
    expect("414", limits, "GET /" + String(repeating: "x", count: 997))
  }

  @Test func theHeaderList() {
    let limits = HTTPLimits(maxHeaderListBytes: 1000)
    let rest = 1000 - lineBytes - 1 - (4 + 1 + 32) - (1 + 32)
    let value = String(repeating: "y", count: rest)
    expect("200", limits, "GET / HTTP/1.1\r\nHost:a\r\nX:\(value)\r\n\r\n")
    expect("431", limits, "GET / HTTP/1.1\r\nHost:a\r\nX:\(value)y\r\n\r\n")
    // Blanks count, and so do fields that are not handed on.
    expect("431", limits, "GET / HTTP/1.1\r\nHost:a\r\nX: \(value)\r\n\r\n")
    expect("431", limits, "GET / HTTP/1.1\r\nHost:a\r\nX:\(value.dropLast(30))\r\nConnection:\r\n\r\n")
  }

  @Test func aFieldWithoutAnEnd() {
    let limits = HTTPLimits(maxHeaderListBytes: 1000)
    expect("", limits, "GET / HTTP/1.1\r\nX: " + String(repeating: "y", count: 998))
    expect("431", limits, "GET / HTTP/1.1\r\nX: " + String(repeating: "y", count: 999))
  }

  @Test func theNumberOfFields() {
    // Three are made of the first line.
    let limits = HTTPLimits(maxHeaderFields: 10)
    expect("200", limits, "GET / HTTP/1.1\r\nHost:a\r\n" + String(repeating: "x:\r\n", count: 6) + "\r\n")
    expect("431", limits, "GET / HTTP/1.1\r\nHost:a\r\n" + String(repeating: "x:\r\n", count: 7) + "\r\n")
  }

  @Test func theMethod() {
    let method = String(repeating: "M", count: 64)
    expect("200", HTTPLimits(), "\(method) / HTTP/1.1\r\nHost: a\r\n\r\n")
    expect("400", HTTPLimits(), "\(method)M / HTTP/1.1\r\nHost: a\r\n\r\n")
  }

  private func chunks(_ text: String) -> String {
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + text
  }

  /// The status of the answer to a body that the server reads to its end.
  private func afterBody(_ text: String, _ limits: HTTPLimits = HTTPLimits()) -> [String] {
    [1, 13, 1 << 20].map { size in
      let exchange = HTTP1Exchange(limits)
      exchange.receive(chunks(text), by: size)
      if exchange.requests[0].ends == 1 { exchange.requests[0].answer() }
      exchange.pump()
      return String(exchange.take().dropFirst("HTTP/1.1 ".count).prefix(3))
    }
  }

  @Test func theLineOfAChunk() {
    let text = "1;" + String(repeating: "e", count: 254)
    #expect(afterBody(text + "\r\nx\r\n0\r\n\r\n") == ["200", "200", "200"])
    #expect(afterBody(text + "e\r\nx\r\n0\r\n\r\n") == ["400", "400", "400"])
    #expect(afterBody(text) == ["", "", ""])
    #expect(afterBody(text + "ee") == ["400", "400", "400"])
  }

  @Test func theExtensionsOfAllChunks() {
    let chunk = "1;" + String(repeating: "e", count: 127) + "\r\nx\r\n"
    let most = String(repeating: chunk, count: 32)
    #expect(afterBody(most + "0\r\n\r\n") == ["200", "200", "200"])
    #expect(afterBody(most + "0;\r\n\r\n") == ["400", "400", "400"])
  }

  @Test func theSizeOfAChunk() {
    #expect(afterBody("7fffffffffffffff\r\n") == ["", "", ""])
    #expect(afterBody("8000000000000000\r\n") == ["400", "400", "400"])
    #expect(afterBody("0000000000000000\r\n\r\n") == ["200", "200", "200"])
    #expect(afterBody("00000000000000000\r\n\r\n") == ["400", "400", "400"])
  }

  @Test func theTrailers() {
    let fields = HTTPLimits(maxHeaderFields: 5)
    let five = "0\r\n" + String(repeating: "x:\r\n", count: 5)
    #expect(afterBody(five + "\r\n", fields) == ["200", "200", "200"])
    #expect(afterBody(five + "x:\r\n\r\n", fields) == ["431", "431", "431"])
    let bytes = HTTPLimits(maxHeaderListBytes: 300)
    let full = "0\r\nx:" + String(repeating: "y", count: 300 - 33)
    #expect(afterBody(full + "\r\n\r\n", bytes) == ["200", "200", "200"])
    #expect(afterBody(full + "y\r\n\r\n", bytes) == ["431", "431", "431"])
  }

  @Test func aLengthMayBeAsLargeAsCanBeCounted() {
    let exchange = HTTP1Exchange()
    exchange.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\nabc")
    #expect(exchange.requests[0].text == "abc")
    exchange.requests[0].answer()
    exchange.pump()
    #expect(exchange.take().contains("connection: close\r\n"))
    #expect(exchange.http.isDone)
  }
}
