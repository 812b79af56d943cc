// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AmaruHTTP

struct HTTP1RequestTests {
  @Test func aRequestHasTheFieldsThatHTTP2WouldGiveIt() {
    let exchange = HTTP1Exchange()
    exchange.receive(
      "POST /a?b=c HTTP/1.1\r\nHost: example.com:80\r\nX-Mixed-Case: \t Value \t\r\nx-empty:\r\nAccept:a\r\naccept: b\r\n"
        + "Connection: keep-alive, upgrade\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\nProxy-Connection: close\r\n"
        + "Content-Length: 0\r\n\r\n")
    #expect(exchange.requests.count == 1)
    let head = exchange.requests[0].head
    #expect(head.method == "POST")
    #expect(head.path == "/a?b=c")
    #expect(head.authority == "example.com:80")
    #expect(!head.isTruncated)
    #expect(
      head.fields.lines == [
        ":method: POST", ":scheme: http", ":path: /a?b=c", ":authority: example.com:80", "x-mixed-case: Value",
        "x-empty: ", "accept: a", "accept: b", "content-length: 0",
      ])
    #expect(exchange.requests[0].ends == 1)
    #expect(exchange.requests[0].body.isEmpty)
  }

  @Test(arguments: [
    ("GET http://other.example/x HTTP/1.1", ["GET", "http", "/x", "other.example"]),
    ("GET HTTPS://other.example:1 HTTP/1.1", ["GET", "https", "/", "other.example:1"]),
    ("GET http://other.example?q HTTP/1.1", ["GET", "http", "/?q", "other.example"]),
    ("OPTIONS http://other.example HTTP/1.1", ["OPTIONS", "http", "*", "other.example"]),
    ("OPTIONS * HTTP/1.1", ["OPTIONS", "http", "*", "here"]),
    ("OPTIONS /x HTTP/1.1", ["OPTIONS", "http", "/x", "here"]),
    ("M-SEARCH /%20;/?a|b{} HTTP/1.1", ["M-SEARCH", "http", "/%20;/?a|b{}", "here"]),
    ("GET //a HTTP/1.0", ["GET", "http", "//a", "here"]),
  ])
  func aTargetMayHaveThreeForms(_ line: String, _ parts: [String]) {
    let exchange = HTTP1Exchange()
    exchange.receive("\(line)\r\nHost: here\r\n\r\n")
    let head = exchange.requests.first?.head
    let found = [head?.method, head?.fields.value(":scheme"), head?.path, head?.authority]
    #expect(found == parts)
    #expect(head?.fields.value("host") == nil)
  }

  @Test(arguments: ["[::1]:8080", "", "127.0.0.1", "a_b.example"])
  func aHostMayBe(_ host: String) {
    let exchange = HTTP1Exchange()
    exchange.receive("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
    #expect(exchange.requests.first?.head.authority == host)
  }

  @Test(arguments: 1...80)
  func aRequestMayComeInPieces(_ size: Int) {
    let text =
      "\r\nPOST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello\r\nyou!"
      + "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=\"y\"\r\nhello\r\n00006\r\n again\r\n0\r\nTrailer: x\r\n\r\n"
      + "GET /c HTTP/1.1\r\nHost: b\r\n\r\n"
    let exchange = HTTP1Exchange()
    exchange.onRequest = { $0.answer("hi") }
    exchange.receive(text, by: size)
    #expect(exchange.requests.map(\.head.path) == ["/a", "/b", "/c"])
    // The answer stands before the body has come: what then comes of the body is not told any more.
    #expect(exchange.requests.allSatisfy { $0.closures == [nil] })
    let response = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"
    #expect(exchange.take() == response + response + response)

    let other = HTTP1Exchange()
    other.receive(text, by: size)
    #expect(other.requests.map(\.text) == ["hello\r\nyou!"])
    other.requests[0].answer("1")
    other.pump()
    #expect(other.requests.map(\.text) == ["hello\r\nyou!", "hello again"])
    other.requests[1].answer("2")
    other.pump()
    #expect(other.requests.map(\.ends) == [1, 1, 1])
    other.requests[2].answer("3")
    other.pump()
    #expect(other.requests.map(\.closures) == [[nil], [nil], [nil]])
    let expected = ["1", "2", "3"].map { "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n" + $0 }
    #expect(other.take() == expected.joined())
  }

  @Test func anEqualHeadIsTheSameAgain() {
    let exchange = HTTP1Exchange()
    exchange.onRequest = { $0.answer() }
    let request = "GET /a HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n"
    exchange.receive(request + request + "GET /b HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n" + request)
    #expect(exchange.requests.map(\.head.path) == ["/a", "/a", "/b", "/a"])
    #expect(exchange.requests[0].head === exchange.requests[1].head)
    #expect(exchange.requests[0].head !== exchange.requests[3].head)
  }

  @Test func whatTheConnectionNeedsToKnowOfARequestIsForgottenWithIt() {
    let exchange = HTTP1Exchange()
    exchange.onRequest = { $0.answer("x") }
    exchange.receive(
      "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTE: trailers\r\n\r\nabc"
        + "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n" + "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(exchange.requests.map(\.head.authority) == ["a", "a", "b", "a"])
    let response = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx"
    #expect(exchange.take() == "HTTP/1.1 200 OK\r\n\r\n" + response + response + response)
  }

  @Test func aWholeBodyIsLentAtOnceWithItsEnd() {
    let exchange = HTTP1Exchange()
    exchange.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
    #expect(exchange.requests[0].pieces == [5])
    #expect(exchange.requests[0].ends == 1)
    let chunked = HTTP1Exchange()
    chunked.receive(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    #expect(chunked.requests[0].pieces == [5])
    #expect(chunked.requests[0].ends == 1)
  }
}
