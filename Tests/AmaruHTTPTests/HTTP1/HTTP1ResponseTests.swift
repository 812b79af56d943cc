// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AmaruHTTP

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

struct HTTP1ResponseTests {
  @Test func aWholeResponseHasItsLength() {
    let exchange = HTTP1Exchange()
    exchange.receive(get)
    exchange.requests[0].begin(status: 404, [("content-type", "text/plain"), ("x", "")])
    exchange.requests[0].send("not ")
    exchange.requests[0].send("here")
    exchange.requests[0].stream?.sendTrailers(HTTPFields())
    exchange.pump()
    #expect(
      exchange.take()
        == "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\nx: \r\ncontent-length: 8\r\n\r\nnot here")
    #expect(exchange.requests[0].closures == [nil])
    #expect(exchange.http.streamCount == 0)
    #expect(!exchange.http.isDone)
  }

  @Test func aHeadAloneIsAResponseWithoutABody() {
    let exchange = HTTP1Exchange()
    exchange.receive(get)
    exchange.requests[0].stream?.sendHead(.of([(":status", "299")]), end: true)
    exchange.pump()
    #expect(exchange.take() == "HTTP/1.1 299 \r\ncontent-length: 0\r\n\r\n")
  }

  @Test func aResponseThatIsNotWholeIsSentInChunks() {
    let exchange = HTTP1Exchange()
    exchange.receive(get)
    exchange.requests[0].begin()
    exchange.pump()
    #expect(exchange.take() == "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    exchange.requests[0].send(String(repeating: "x", count: 26))
    exchange.pump()
    #expect(exchange.take() == "1a\r\nxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n")
    exchange.requests[0].send("y")
    exchange.requests[0].send("z")
    exchange.requests[0].stream?.sendTrailers(HTTPFields())
    exchange.pump()
    #expect(exchange.take() == "2\r\nyz\r\n0\r\n\r\n")
    #expect(exchange.requests[0].closures == [nil])
  }

  @Test(
    arguments: [
      ("TE: trailers\r\n", [], true), ("TE: gzip, Trailers;q=1\r\n", [], true), ("", [("trailer", "x-sum")], true),
      ("", [], false), ("TE: gzip\r\n", [], false), ("TE: xtrailers\r\n", [], false),
    ] as [(String, [(String, String)], Bool)])
  func trailersGoToClientsThatReadThem(
    _ te: String, _ fields: [(String, String)], _ areSent: Bool
  ) {
    for isWhole in [true, false] {
      let exchange = HTTP1Exchange()
      exchange.receive("GET / HTTP/1.1\r\nHost: a\r\n\(te)\r\n")
      exchange.requests[0].begin(fields)
      exchange.requests[0].send("hi")
      if !isWhole { exchange.pump() }
      exchange.requests[0].stream?.sendTrailers(
        .of([("x-sum", "12"), ("content-length", "9"), ("bad name", "x")]))
      exchange.pump()
      let text = exchange.take()
      let length = "content-length: 2\r\n\r\nhi"
      let chunks = "2\r\nhi\r\n0\r\n"
      if areSent {
        #expect(text.hasSuffix(chunks + "x-sum: 12\r\n\r\n"))
      } else {
        #expect(text.hasSuffix(isWhole ? length : chunks + "\r\n"))
      }
    }
  }

  @Test(arguments: [
    ("HEAD", 200, ["content-length: 5"]), ("GET", 204, []), ("GET", 304, ["content-length: 5"]),
    ("GET", 205, ["content-length: 0"]),
  ])
  func someResponsesHaveNoBody(_ method: String, _ status: Int, _ length: [String]) {
    for isWhole in [true, false] {
      let exchange = HTTP1Exchange()
      exchange.receive("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n")
      exchange.requests[0].begin(status: status, [("content-length", "5")])
      if !isWhole { exchange.pump() }
      exchange.requests[0].send("hello")
      exchange.pump()
      exchange.requests[0].stream?.sendTrailers(.of([("x", "y")]))
      exchange.pump()
      exchange.receive(get)
      exchange.requests[1].answer("!")
      exchange.pump()
      let text = exchange.take()
      #expect(text.hasSuffix("\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!"))
      let lines = text.split(separator: "\r\n\r\n")[0].split(separator: "\r\n").dropFirst()
      #expect(lines.map(String.init) == length)
      #expect(exchange.requests[0].closures == [nil])
    }
  }

  @Test func theLengthThatAHandlerSaysIsKept() {
    let exchange = HTTP1Exchange()
    exchange.receive(get)
    exchange.requests[0].begin([("content-length", "5")])
    exchange.pump()
    #expect(exchange.take() == "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")
    exchange.requests[0].send("hel")
    exchange.pump()
    exchange.requests[0].send("lo, and more")
    exchange.requests[0].stream?.sendTrailers(HTTPFields())
    exchange.pump()
    #expect(exchange.take() == "hello")
    #expect(!exchange.http.isDone)
    exchange.receive(get)
    #expect(exchange.requests.count == 2)
  }

  @Test func aHandlerThatSendsLessThanItSaidCostsTheConnection() {
    let exchange = HTTP1Exchange()
    exchange.receive(get + get)
    exchange.requests[0].begin([("content-length", "5")])
    exchange.pump()
    exchange.requests[0].send("hell")
    exchange.requests[0].stream?.sendTrailers(HTTPFields())
    exchange.pump()
    #expect(exchange.take() == "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell")
    #expect(exchange.http.isDone)
    #expect(exchange.requests.count == 1)
  }

  @Test func aWrongLengthOfAWholeResponseIsMended() {
    let exchange = HTTP1Exchange()
    exchange.receive(get)
    exchange.requests[0].answer("hello", [("content-length", "4"), ("transfer-encoding", "chunked")])
    exchange.pump()
    #expect(exchange.take() == "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")
  }

  @Test func noFieldIsMoreThanOneLine() {
    let exchange = HTTP1Exchange()
    exchange.receive(get)
    exchange.requests[0].answer(
      "",
      [
        ("x", "a\r\nset-cookie: b\0c\u{7f}\td\u{e9}"), ("x\r\ny", "z"), ("", "z"), ("x y", "z"), ("keep-alive", "5"),
        ("upgrade", "h2c"), ("proxy-connection", "close"),
      ])
    exchange.pump()
    #expect(
      exchange.take() == "HTTP/1.1 200 OK\r\nx: a  set-cookie: b c \td\u{e9}\r\ncontent-length: 0\r\n\r\n")
  }

  @Test(arguments: ["", "abc", "99", "100", "101", "1000", "-200"])
  func aStatusThatEndsNoRequestIsAnError(_ status: String) {
    let exchange = HTTP1Exchange()
    exchange.receive(get)
    exchange.requests[0].stream?.sendHead(.of([(":status", status)]), end: true)
    exchange.pump()
    #expect(exchange.take().hasPrefix("HTTP/1.1 500 Internal Server Error\r\n"))
  }

  @Test(arguments: [
    (".1", "", true), (".1", "Connection: close", false), (".1", "Connection: keep-alive, CLOSE", false),
    (".1", "Connection: closed", true), (".1", "Connection: close\r\nConnection: keep-alive", false), (".0", "", false),
    (".0", "Connection: Keep-Alive", true), (".0", "Connection: keep-alive;", false), (".0", "Connection: keep-alive;q=1", false),
    (".0", "Connection: keep-alive\r\nConnection: close", false),
  ])
  func whetherTheConnectionStaysOpen(_ version: String, _ field: String, _ stays: Bool) {
    let exchange = HTTP1Exchange()
    exchange.onRequest = { $0.answer("hi") }
    let fields = field.isEmpty ? "" : field + "\r\n"
    exchange.receive("GET / HTTP/1\(version)\r\nHost: a\r\n\(fields)\r\n" + get)
    let own = stays ? version == ".0" ? "connection: keep-alive\r\n" : "" : "connection: close\r\n"
    let first = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\(own)\r\nhi"
    let text = exchange.take()
    #expect(text.hasPrefix(first))
    #expect((text.count > first.count) == stays)
    #expect(exchange.http.isDone == !stays)
  }

  @Test func aHandlerMayCloseTheConnection() {
    let exchange = HTTP1Exchange()
    exchange.onRequest = { $0.answer("hi", [("connection", "close")]) }
    exchange.receive(get + get)
    #expect(exchange.take() == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi")
    #expect(exchange.http.isDone)
  }

  @Test func anOldClientGetsBytesUntilTheClose() {
    let exchange = HTTP1Exchange()
    exchange.receive("GET / HTTP/1.0\r\nConnection: keep-alive\r\nTE: trailers\r\n\r\n")
    exchange.requests[0].begin()
    exchange.pump()
    exchange.requests[0].send("0\r\n")
    exchange.pump()
    exchange.requests[0].send("end")
    exchange.requests[0].stream?.sendTrailers(.of([("x", "y")]))
    exchange.pump()
    #expect(exchange.take() == "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n0\r\nend")
    #expect(exchange.http.isDone)
  }

  @Test(arguments: 1...40)
  func aResponseFitsThroughAnyBuffer(_ size: Int) {
    let exchange = HTTP1Exchange()
    exchange.outputBytes = size
    exchange.receive("GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n")
    exchange.requests[0].begin([("x", "y")])
    exchange.requests[0].send("hello")
    exchange.pump()
    exchange.requests[0].send("you")
    exchange.requests[0].stream?.sendTrailers(.of([("t", "u")]))
    exchange.pump()
    #expect(
      exchange.take()
        == "HTTP/1.1 200 OK\r\nx: y\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nyou\r\n0\r\nt: u\r\n\r\n")
  }

  @Test func aLargeResponseFillsEachBuffer() {
    let body = String(repeating: "0123456789", count: 20_000)
    for isWhole in [true, false] {
      let exchange = HTTP1Exchange()
      exchange.outputBytes = 4096
      exchange.receive(get)
      exchange.requests[0].begin()
      if !isWhole { exchange.pump() }
      exchange.requests[0].send(body)
      exchange.requests[0].stream?.sendTrailers(HTTPFields())
      var sizes: [Int] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      var text = exchange.take()
      while true {
        let count = buffer.withUnsafeMutableBytes { exchange.http.produce(into: $0) }
        if count == 0 { break }
        sizes.append(count)
        text += String(decoding: buffer[..<count], as: UTF8.self)
      }
      // A socket takes less than half a buffer for the end.
      #expect(sizes.dropLast().allSatisfy { $0 >= 2048 })
      let digits = text.split(separator: "\r\n\r\n", maxSplits: 1)[1].replacing("\r\n", with: "\n")
      if isWhole {
        #expect(digits == body)
      } else {
        let lines = digits.split(separator: "\n")
        let chunks = stride(from: 0, to: lines.count - 1, by: 2).map { (lines[$0], lines[$0 + 1]) }
        #expect(chunks.allSatisfy { Int($0.0, radix: 16) == $0.1.utf8.count })
        #expect(chunks.map { String($0.1) }.joined() == body)
        #expect(lines.last == "0")
      }
    }
  }

  @Test func theHandlerIsToldWhenThereIsRoomAgain() {
    let exchange = HTTP1Exchange(HTTPLimits(sendBufferBytes: 100))
    exchange.outputBytes = 30
    exchange.receive(get)
    exchange.requests[0].begin()
    exchange.requests[0].send(String(repeating: "x", count: 99))
    exchange.pump()
    #expect(exchange.requests[0].roomCount == 0)
    exchange.requests[0].send(String(repeating: "x", count: 100))
    #expect(exchange.requests[0].stream?.unsentBytes == 100)
    exchange.pump()
    #expect(exchange.requests[0].roomCount == 1)
    #expect(exchange.requests[0].stream?.unsentBytes == 0)
  }

  @Test func aDiscardedBodyLeavesWhatIsAnnounced() {
    let exchange = HTTP1Exchange()
    exchange.receive(get)
    exchange.requests[0].begin()
    exchange.pump()
    _ = exchange.take()
    exchange.requests[0].send(String(repeating: "x", count: 500))
    var buffer = [UInt8](repeating: 0, count: 100)
    let count = buffer.withUnsafeMutableBytes { exchange.http.produce(into: $0) }
    exchange.requests[0].send("never")
    exchange.requests[0].stream?.discardBody()
    exchange.requests[0].stream?.sendTrailers(HTTPFields())
    exchange.pump()
    let text = String(decoding: buffer[..<count], as: UTF8.self) + exchange.take()
    #expect(text == "1f4\r\n" + String(repeating: "x", count: 500) + "\r\n0\r\n\r\n")
  }

  @Test(arguments: [
    (HTTPStreamReset.refused, "503 Service Unavailable", 7), (.enhanceYourCalm, "429 Too Many Requests", 11),
    (.internalError, "500 Internal Server Error", 2), (.cancelled, "", 8),
  ])
  func aResetIsAnAnswerWhileThereIsNone(_ reason: HTTPStreamReset, _ status: String, _ code: UInt32) {
    let exchange = HTTP1Exchange()
    exchange.receive(get + get)
    exchange.requests[0].send("lost")
    exchange.requests[0].stream?.reset(reason)
    exchange.pump()
    let text = exchange.take()
    if status.isEmpty {
      #expect(text.isEmpty)
    } else {
      #expect(text.hasPrefix("HTTP/1.1 \(status)\r\n"))
      #expect(text.contains("connection: close\r\n"))
    }
    #expect(!text.contains("lost"))
    #expect(exchange.http.isDone)
    #expect(exchange.requests.map(\.closures) == [[.reset(code)]])
  }

  @Test func aResetAfterTheHeadBreaksOff() {
    let exchange = HTTP1Exchange()
    exchange.receive(get)
    exchange.requests[0].begin()
    exchange.pump()
    _ = exchange.take()
    exchange.requests[0].send("lost")
    exchange.requests[0].stream?.reset(.internalError)
    exchange.pump()
    #expect(exchange.take().isEmpty)
    #expect(exchange.http.isDone)
    #expect(exchange.requests[0].closures == [.reset(2)])
  }

  @Test func whatComesAfterTheEndHasNoEffect() {
    let exchange = HTTP1Exchange()
    exchange.receive(get)
    let stream = exchange.requests[0].stream
    exchange.requests[0].begin()
    exchange.requests[0].begin(status: 500)
    stream?.sendTrailers(HTTPFields())
    stream?.sendTrailers(.of([("x", "y")]))
    exchange.requests[0].send("more")
    exchange.pump()
    #expect(exchange.take() == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    exchange.receive(get)
    stream?.sendHead(HTTPFields(), end: true)
    stream?.reset(.cancelled)
    stream?.kept(10)
    stream?.credit(10)
    stream?.discardBody()
    exchange.pump()
    #expect(exchange.take().isEmpty)
    exchange.requests[1].answer("2")
    exchange.pump()
    #expect(exchange.take().hasSuffix("2"))
  }

  @Test func aResponseHasADate() {
    var seconds = 784_111_777
    let exchange = HTTP1Exchange(date: HTTPDate { seconds })
    exchange.onRequest = { [unowned exchange] request in
      request.answer("", exchange.requests.count == 3 ? [("date", "mine")] : [])
    }
    exchange.receive(get)
    seconds += 1
    exchange.receive(get + get)
    exchange.receive("x\r\n")
    let dates = exchange.take().split(separator: "\r\n").filter { $0.hasPrefix("date: ") }
    #expect(
      dates == [
        "date: Sun, 06 Nov 1994 08:49:37 GMT", "date: Sun, 06 Nov 1994 08:49:38 GMT", "date: mine",
        "date: Sun, 06 Nov 1994 08:49:38 GMT",
      ])
  }

  @Test func preparedFieldsAreSent() {
    let exchange = HTTP1Exchange()
    exchange.receive("GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n")
    exchange.requests[0].stream?.sendHead(PreparedFields(.of([(":status", "200"), ("a", "b")])))
    exchange.requests[0].stream?.sendTrailers(PreparedFields(.of([("c", "d")])))
    exchange.pump()
    #expect(
      exchange.take()
        == "HTTP/1.1 200 OK\r\na: b\r\ntransfer-encoding: chunked\r\n\r\n0\r\nc: d\r\n\r\n")
  }
}

struct HTTPDateTests {
  @Test(arguments: [
    (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (-1, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
    (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT"), (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
    (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
    (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
  ])
  func aDateIsWrittenAsTheSpecificationWantsIt(_ seconds: Int, _ text: String) {
    #expect(HTTPDate.text(seconds) == text)
  }
}
