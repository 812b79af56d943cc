// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AmaruHTTP

/// Whatever two readers could take for two different things is refused, and nothing behind it is read.
struct HTTP1RefusalTests {
  static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

  private func expectRefusal(_ head: String, _ status: Int, begins: Bool = false) {
    for size in [1, 7, 1 << 20] {
      let exchange = HTTP1Exchange()
      exchange.receive(head + Self.smuggled, by: size)
      let text = exchange.take()
      #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(head.debugDescription): \(text)")
      #expect(text.contains("\r\nconnection: close\r\n"))
      let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
      #expect(parts.count == 2)
      #expect(parts.first?.contains("content-length: \(parts.last?.utf8.count ?? 0)\r\n") == true)
      #expect(exchange.requests.count == (begins ? 1 : 0), "\(head.debugDescription)")
      #expect(exchange.requests.first?.closures ?? [.reset(1)] == [.reset(1)])
      #expect(exchange.http.isDone)
      #expect(exchange.http.wantsBytes)
      #expect(!exchange.http.canResume)
      exchange.receive(Self.smuggled)
      #expect(exchange.take().isEmpty)
    }
  }

  @Test(arguments: [
    // RFC 9112 3: method SP target SP version.
    ("GET /", 400), ("GET  / HTTP/1.1", 400), ("GET /  HTTP/1.1", 400), (" GET / HTTP/1.1", 400),
    ("GET / HTTP/1.1 ", 400), ("GET / x HTTP/1.1", 400), ("GET\t/ HTTP/1.1", 400), ("GET /\tHTTP/1.1", 400),
    ("G(T / HTTP/1.1", 400), ("G\u{0}T / HTTP/1.1", 400), ("GET", 400), (" / HTTP/1.1", 400), ("GET  HTTP/1.1", 400),
    ("\r\n", 400),
    // RFC 9112 2.3.
    ("GET / HTTP/1.2", 505), ("GET / HTTP/2.0", 505), ("PRI * HTTP/2.0", 505), ("GET / HTTP/0.9", 505),
    ("GET / HTTP/3.1", 505), ("GET / http/1.1", 400), ("GET / HTTP/1", 400), ("GET / HTTP/1.10", 400),
    ("GET / HTTP/1.x", 400), ("GET / HTTP/ 1.1", 400), ("GET / ICY/1.1", 400),
    // RFC 9112 3.2.
    ("GET * HTTP/1.1", 400), ("GET a HTTP/1.1", 400), ("GET a/b HTTP/1.1", 400), ("GET ?q HTTP/1.1", 400),
    ("GET ftp://a/ HTTP/1.1", 400), ("GET http:///a HTTP/1.1", 400), ("GET http://u@a/ HTTP/1.1", 400),
    ("GET http:/a HTTP/1.1", 400), ("GET http://a\\b/ HTTP/1.1", 400), ("GET /#f HTTP/1.1", 400),
    ("GET /\u{7f} HTTP/1.1", 400), ("GET /\u{e9} HTTP/1.1", 400), ("GET /\u{1} HTTP/1.1", 400),
    ("CONNECT a:80 HTTP/1.1", 501), ("CONNECT / HTTP/1.1", 501),
  ])
  func aRequestLine(_ line: String, _ status: Int) {
    expectRefusal("\(line)\r\nHost: a\r\n\r\n", status)
  }

  @Test(arguments: [
    // RFC 9112 5.1: no whitespace before the colon, no field without a name.
    "X : y", "X\t: y", ": y", "X", "", "X\u{0}: y", "X(: y", "\u{e9}: y", "X\r: y", "X\n: y", "\u{b}X: y", ":path: /b",
    // RFC 9112 5.2: no line folding, before the first field neither.
    "X: y\r\n z", "X: y\r\n\tz", " X: y", "\tX: y", "X: y\r\n \r\n",
    // RFC 9110 5.5: no control characters; RFC 9112 2.2: no bare CR or LF.
    "X: a\u{0}b", "X: a\rb", "X: a\nb", "X: a\r", "X: \u{1}", "X: \u{7f}", "X: \u{b}a", "X: a\u{1b}[0m", "X: y\r\r", "\rX: y",
    "X: a\u{8}",
  ])
  func aField(_ field: String) {
    // The empty field is one line too early: what follows is the smuggled one.
    if field.isEmpty { return expectRefusal("GET / HTTP/1.1\r\nHost: a\r\nX y\r\n\r\n", 400) }
    expectRefusal("GET / HTTP/1.1\r\n\(field)\r\nHost: a\r\n\r\n", 400)
    expectRefusal("GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n", 400)
  }

  @Test(arguments: [
    "GET / HTTP/1.1\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\n",
    "GET / HTTP/1.1\n\n", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\rHost: a\r\n\r\n", "\r\r\nGET / HTTP/1.1\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n",
  ])
  func aLineThatDoesNotEndWithCRLF(_ head: String) { expectRefusal(head, 400) }

  @Test(arguments: [
    "", "Host: a\r\nHost: a\r\n", "Host: a\r\nHost: b\r\n", "Host: a b\r\n", "Host: a/b\r\n", "Host: u@a\r\n",
    "Host: a?\r\n", "Host: \u{e9}\r\n", "Host: a\\b\r\n", "Host: a\r\nhOST: a\r\n",
  ])
  func aHost(_ host: String) { expectRefusal("GET / HTTP/1.1\r\n\(host)\r\n", 400) }

  @Test func aSecondHostIsRefusedWhatEverTheVersionAndTheTarget() {
    expectRefusal("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400)
    expectRefusal("GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400)
    expectRefusal("GET http://a/ HTTP/1.1\r\n\r\n", 400)
  }

  @Test(arguments: [
    // RFC 9112 6.3: one length, which everybody reads alike.
    ("Content-Length: 1\r\nContent-Length: 2", 400), ("Content-Length: 1\r\nContent-Length: 1", 400),
    ("Content-Length: 1, 1", 400), ("Content-Length: 1,2", 400), ("Content-Length: +1", 400),
    ("Content-Length: -1", 400), ("Content-Length: 0x1", 400), ("Content-Length: 1 1", 400), ("Content-Length: ", 400),
    ("Content-Length: a", 400), ("Content-Length: 1.0", 400), ("Content-Length: 9223372036854775808", 400),
    ("Content-Length: 99999999999999999999999", 400), ("Content-Length: 1_0", 400), ("Content-Length: \u{661}", 400),
    ("Content-Length: 1\r\ncontent-length: 1", 400), ("Content-Length : 1", 400), ("Content-Length\u{0}: 1", 400),
    ("Content-Length: 1\r\nTransfer-Encoding: chunked", 400), ("Transfer-Encoding: chunked\r\nContent-Length: 1", 400),
    ("Transfer-Encoding: gzip\r\nContent-Length: 1", 400), ("Content-Length: 0\r\nTransfer-Encoding: chunked", 400),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 400),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", 400),
    ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", 400),
    ("Transfer-Encoding: gzip", 501), ("Transfer-Encoding: identity", 501), ("Transfer-Encoding: gzip, chunked", 501),
    ("Transfer-Encoding: chunked, chunked", 501), ("Transfer-Encoding: chunked, identity", 501),
    ("Transfer-Encoding: xchunked", 501), ("Transfer-Encoding: chunked;q=1", 501), ("Transfer-Encoding: \"chunked\"", 501),
    ("Transfer-Encoding:", 501), ("Transfer-Encoding: ,chunked", 501), ("Transfer-Encoding: chunked,", 501),
    ("Transfer-Encoding: \u{b}chunked", 400), ("Transfer-Encoding: chunked\u{0}", 400), ("Transfer-Encoding : chunked", 400),
    ("Transfer-Encoding\u{c}: chunked", 400), (" Transfer-Encoding: chunked", 400), ("X: y\r\n Transfer-Encoding: chunked", 400),
    ("X: y\rTransfer-Encoding: chunked", 400), ("X: y\nTransfer-Encoding: chunked", 400),
    ("Transfer-Encoding:\r\n chunked", 400), ("Transfer-Encoding: chunked\r\n , identity", 400),
    // RFC 9110 10.1.1.
    ("Expect: 200-ok\r\nContent-Length: 1", 417), ("Expect: 100-continue, x\r\nContent-Length: 1", 417),
  ])
  func aLength(_ fields: String, _ status: Int) {
    expectRefusal("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n", status)
  }

  @Test func anOldClientHasNoTransferCodings() {
    expectRefusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400)
    expectRefusal("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 400)
  }

  @Test(arguments: [
    // RFC 9112 7.1.
    "5\nhello\r\n", "5\r\nhello\n", "5\r\nhelloX\r\n", "5\r\nhello\r0", "5\r\nhello\rX", "5\r\nhello0\r\n",
    "+5\r\nhello\r\n", "-5\r\n", "0x5\r\nhello\r\n", " 5\r\nhello\r\n", "5 \r\nhello\r\n", "5\t\r\nhello\r\n", "g\r\n", "\r\n",
    "5 ;x\r\nhello\r\n", ";x\r\n", "5,\r\nhello\r\n", "5_0\r\n", "5h\r\n", "8000000000000000\r\n",
    "FFFFFFFFFFFFFFFF\r\n", "10000000000000000\r\n", "00000000000000005\r\nhello\r\n", "5\u{0}\r\nhello\r\n",
    "5;a\nb\r\nhello\r\n", "5;a\rb\r\nhello\r\n", "5;\"\r\n\"\r\nhello\r\n", "5;\u{0}\r\nhello\r\n", "5\r\r\nhello\r\n",
    "5;\u{7f}\r\nhello\r\n", "\u{665}\r\nhello\r\n",
    "0\r\nX : y\r\n\r\n", "0\r\n X: y\r\n\r\n", "0\r\nX\r\n\r\n", "0\r\nX: a\nb\r\n\r\n", "0\r\nX: a\r\n b\r\n\r\n",
    "0\r\n\n", "0\n\r\n", "0\r\n\r\r\n", "0\r\n: y\r\n\r\n", "0\r\nX: \u{0}\r\n\r\n", "0\r\nContent-Length: 1\r\n\r\n",
    "0\r\nX: y\r\nTRANSFER-ENCODING: chunked\r\n\r\n", "0\r\nHost: b\r\n\r\n", "0\r\nConnection: close\r\n\r\n",
    "0\r\nUpgrade: h2c\r\n\r\n", "0\r\nProxy-Connection: close\r\n\r\n",
    "0\r\nContent-Length\u{0}: 1\r\n\r\n",
  ])
  func aChunk(_ chunk: String) {
    expectRefusal(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)", 400, begins: true)
  }

  @Test(arguments: ["\u{16}\u{3}\u{1}", "\u{0}", "(", "\u{ff}", "SSH-2.0-x\r\n"])
  func whatIsNotHTTPIsToldSoAtOnce(_ text: String) {
    let exchange = HTTP1Exchange()
    exchange.receive(text)
    #expect(exchange.take().hasPrefix("HTTP/1.1 400 "))
    #expect(exchange.http.isDone)
  }

  @Test func aBadChunkBehindAResponseThatHasBegunBreaksItOff() {
    let exchange = HTTP1Exchange()
    exchange.receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    exchange.requests[0].begin()
    exchange.requests[0].send("ab")
    exchange.pump()
    exchange.receive("x\r\n")
    #expect(exchange.take() == "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n")
    #expect(exchange.requests[0].closures == [.reset(1)])
    #expect(exchange.http.isDone)
  }

  @Test func aBadChunkBehindAWholeResponseIsNotAnsweredAgain() {
    let exchange = HTTP1Exchange()
    exchange.onRequest = { $0.answer("hi") }
    exchange.receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    #expect(exchange.take() == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
    exchange.receive("x\r\n" + Self.smuggled)
    #expect(exchange.take().isEmpty)
    #expect(exchange.http.isDone)
    #expect(exchange.requests.count == 1)
  }
}
