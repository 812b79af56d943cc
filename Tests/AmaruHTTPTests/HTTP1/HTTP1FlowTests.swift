// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AmaruHTTP

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

/// Who waits for whom: pipelined requests, bodies that nobody takes, the end of a connection.
struct HTTP1FlowTests {
  @Test func theNextRequestWaitsForTheResponse() {
    let exchange = HTTP1Exchange()
    exchange.receive(get)
    #expect(exchange.http.wantsBytes)
    exchange.receive("GET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HT")
    #expect(exchange.requests.count == 1)
    #expect(!exchange.http.wantsBytes)
    #expect(!exchange.http.canResume)
    exchange.receive("TP/1.1\r\nHost: a\r\n\r\n")
    #expect(exchange.requests.count == 1)
    exchange.requests[0].begin()
    exchange.requests[0].send("1")
    exchange.pump()
    #expect(exchange.requests.count == 1)
    exchange.requests[0].stream?.sendTrailers(HTTPFields())
    exchange.pump()
    #expect(exchange.requests.map(\.head.path) == ["/", "/2"])
    #expect(!exchange.http.wantsBytes)
    exchange.requests[1].answer()
    exchange.pump()
    #expect(exchange.requests.map(\.head.path) == ["/", "/2", "/3"])
    #expect(exchange.http.wantsBytes)
    #expect(exchange.requests.map(\.closures) == [[nil], [nil], []])
  }

  @Test func manyPipelinedRequestsAreAnsweredInOrder() {
    let exchange = HTTP1Exchange()
    exchange.onRequest = { $0.answer($0.head.path) }
    let paths = (0..<1000).map { "/\($0)" }
    exchange.receive(paths.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined(), by: 777)
    #expect(exchange.requests.map(\.head.path) == paths)
    let expected = paths.map { "HTTP/1.1 200 OK\r\ncontent-length: \($0.utf8.count)\r\n\r\n\($0)" }
    #expect(exchange.take() == expected.joined())
  }

  @Test func whatComesBehindARequestIsBounded() {
    let exchange = HTTP1Exchange(HTTPLimits(maxBufferedBytes: 256 << 10))
    exchange.receive(get + "G")
    exchange.receive([UInt8](repeating: 65, count: (256 << 10) - 1))
    #expect(exchange.requests[0].closures.isEmpty)
    exchange.receive("A")
    #expect(exchange.requests[0].closures == [.connectionLost])
    #expect(exchange.http.isDone)
  }

  @Test(arguments: [false, true])
  func aBodyWaitsUntilTheHandlerHasTakenWhatCame(_ isChunked: Bool) {
    let exchange = HTTP1Exchange(HTTPLimits(streamWindowBytes: 10))
    exchange.onRequest = { $0.givesCredit = false }
    let head =
      isChunked ? "Transfer-Encoding: chunked\r\n\r\n19\r\n" : "Content-Length: 25\r\n\r\n"
    exchange.receive("POST / HTTP/1.1\r\nHost: a\r\n\(head)")
    exchange.receive("012345678")
    #expect(exchange.http.wantsBytes)
    exchange.receive("9")
    #expect(!exchange.http.wantsBytes)
    #expect(!exchange.http.canResume)
    exchange.receive("abcdefghijklmno" + (isChunked ? "\r\n0\r\n\r\n" : "") + get)
    let request = exchange.requests[0]
    #expect(request.text == "0123456789")
    request.stream?.credit(3)
    #expect(exchange.http.canResume)
    exchange.pump()
    #expect(request.text == "0123456789abc")
    request.stream?.credit(10)
    exchange.pump()
    #expect(request.text == "0123456789abcdefghijklm")
    #expect(request.ends == 0)
    request.stream?.credit(1000)
    exchange.pump()
    #expect(request.text == "0123456789abcdefghijklmno")
    #expect(request.ends == 1)
    #expect(exchange.requests.count == 1)
    request.answer()
    exchange.pump()
    #expect(exchange.requests.count == 2)
  }

  @Test func whatHandlersKeepIsHeldToTheLimit() {
    let exchange = HTTP1Exchange(HTTPLimits(maxBufferedBytes: 10))
    exchange.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
    exchange.requests[0].stream?.kept(10)
    exchange.receive("a")
    #expect(exchange.requests[0].overflows == 0)
    exchange.requests[0].stream?.kept(1)
    exchange.receive("a")
    #expect(exchange.requests[0].overflows == 1)
    exchange.requests[0].stream?.released(1)
    exchange.receive("a")
    #expect(exchange.requests[0].overflows == 1)
  }

  // MARK: Bodies that nobody wants

  @Test func aBodyBehindAWholeResponseIsDropped() {
    let exchange = HTTP1Exchange(HTTPLimits(streamWindowBytes: 10))
    exchange.onRequest = { $0.answer() }
    exchange.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
    #expect(exchange.requests[0].closures == [nil])
    #expect(exchange.take() == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    exchange.receive("0123456789" + get)
    #expect(exchange.requests.count == 2)
    #expect(exchange.requests[0].body.isEmpty)
    #expect(!exchange.http.isDone)
  }

  @Test func aLargeBodyThatNobodyWantsCostsTheConnection() {
    let exchange = HTTP1Exchange(HTTPLimits(streamWindowBytes: 10))
    exchange.onRequest = { $0.answer() }
    exchange.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n")
    #expect(exchange.take() == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    #expect(exchange.http.isDone)
  }

  @Test(arguments: [10, 11])
  func chunksThatNobodyWantsAreDroppedWithinALimit(_ count: Int) {
    let exchange = HTTP1Exchange(HTTPLimits(streamWindowBytes: 10))
    exchange.onRequest = { $0.answer() }
    exchange.receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    #expect(exchange.take() == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    for _ in 0..<count { exchange.receive("1\r\nx\r\n") }
    #expect(exchange.http.isDone == (count > 10))
    exchange.receive("0\r\n\r\n" + get)
    #expect(exchange.requests.count == (count > 10 ? 1 : 2))
  }

  @Test func aFullWindowDoesNotHoldUpWhatIsDropped() {
    let exchange = HTTP1Exchange(HTTPLimits(streamWindowBytes: 10))
    exchange.onRequest = { $0.givesCredit = false }
    exchange.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n01234567890123456789" + get)
    #expect(exchange.requests[0].text == "0123456789")
    exchange.requests[0].answer()
    exchange.pump()
    #expect(exchange.requests.count == 2)
  }

  // MARK: 100-continue

  private let expecting = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n"

  @Test func aClientThatWaitsIsToldToGoOn() {
    let exchange = HTTP1Exchange()
    exchange.receive(expecting)
    #expect(exchange.take() == "HTTP/1.1 100 Continue\r\n\r\n")
    exchange.receive("hi")
    exchange.requests[0].answer("ho")
    exchange.pump()
    #expect(exchange.take() == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nho")
  }

  @Test func aClientThatDoesNotWaitIsNotTold() {
    let exchange = HTTP1Exchange()
    exchange.receive(expecting + "h")
    #expect(exchange.take().isEmpty)
    let old = HTTP1Exchange()
    old.receive("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    #expect(old.take().isEmpty)
    let empty = HTTP1Exchange()
    empty.receive("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n")
    #expect(empty.take().isEmpty)
    #expect(empty.requests[0].ends == 1)
  }

  @Test func aRefusalInsteadOfContinueClosesTheConnection() {
    let exchange = HTTP1Exchange()
    exchange.onRequest = { $0.answer("no", status: 403) }
    // Whether the client sends its body now, or the next request, nobody knows.
    exchange.receive(expecting)
    #expect(
      exchange.take() == "HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno")
    #expect(exchange.http.isDone)
  }

  // MARK: Time

  @Test func theTimeOfAHeadBeginsWithItsFirstByte() {
    let exchange = HTTP1Exchange()
    exchange.now = 5
    exchange.receive("\r\n")
    #expect(exchange.http.headerBlockBegan == nil)
    exchange.now = 7
    exchange.receive("G")
    exchange.now = 8
    exchange.receive("ET / HTTP/1.1\r\nHost: a\r\n")
    #expect(exchange.http.headerBlockBegan == 7)
    #expect(!exchange.http.isEstablished)
    exchange.receive("\r\n")
    #expect(exchange.http.headerBlockBegan == nil)
    #expect(exchange.http.isEstablished)
  }

  @Test func aSlowHeadIsAnsweredWith408() {
    let exchange = HTTP1Exchange()
    exchange.receive("GET / HTTP/1.1\r\nHost")
    #expect(exchange.http.timedOut())
    exchange.pump()
    #expect(exchange.take().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
    #expect(exchange.http.isDone)
    #expect(!exchange.http.timedOut())
  }

  @Test func aConnectionThatSaysNothingIsClosedWithoutAWord() {
    let exchange = HTTP1Exchange()
    #expect(exchange.http.timedOut())
    exchange.pump()
    #expect(exchange.take().isEmpty)
    #expect(exchange.http.isDone)
  }

  @Test func aSlowBodyIsFoundOut() {
    let exchange = HTTP1Exchange()
    let http = exchange.http!
    exchange.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
    var slow = [http.isBodyTooSlow(now: 0, limit: 10), http.isBodyTooSlow(now: 9, limit: 10)]
    exchange.receive([UInt8](repeating: 0, count: 1024))
    slow.append(http.isBodyTooSlow(now: 10, limit: 10))
    exchange.receive([UInt8](repeating: 0, count: 1023))
    slow += [http.isBodyTooSlow(now: 19, limit: 10), http.isBodyTooSlow(now: 20, limit: 10)]
    #expect(slow == [false, false, false, false, true])
    #expect(http.timedOut())
    exchange.pump()
    #expect(exchange.take().hasPrefix("HTTP/1.1 408 "))
    #expect(exchange.requests[0].closures == [.reset(1)])
  }

  @Test func aBodyThatTheHandlerHoldsUpOrThatOwesNothingIsNotSlow() {
    let exchange = HTTP1Exchange(HTTPLimits(streamWindowBytes: 1))
    let http = exchange.http!
    exchange.onRequest = { $0.givesCredit = false }
    exchange.receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    var slow = [http.isBodyTooSlow(now: 0, limit: 1), http.isBodyTooSlow(now: 10, limit: 1)]
    exchange.receive("2\r\n")
    slow.append(http.isBodyTooSlow(now: 20, limit: 1))
    exchange.receive("x")
    slow += [http.isBodyTooSlow(now: 30, limit: 1), http.isBodyTooSlow(now: 40, limit: 1)]
    exchange.requests[0].stream?.credit(1)
    slow.append(http.isBodyTooSlow(now: 50, limit: 1))
    #expect(slow == [false, false, false, false, false, false])
    let isSlow = http.isBodyTooSlow(now: 60, limit: 1)
    #expect(isSlow)
  }

  // MARK: The end

  @Test func anIdleConnectionIsDrainedAtOnce() {
    let exchange = HTTP1Exchange()
    exchange.onRequest = { $0.answer() }
    exchange.receive(get)
    exchange.http.drain()
    #expect(exchange.http.isDone)
  }

  @Test func theRunningRequestIsFinishedWhileTheConnectionDrains() {
    let exchange = HTTP1Exchange()
    exchange.receive(get + get)
    exchange.http.drain()
    exchange.http.drain()
    #expect(!exchange.http.isDone)
    exchange.requests[0].answer("hi")
    exchange.pump()
    #expect(exchange.take() == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi")
    #expect(exchange.http.isDone)
    #expect(exchange.requests.count == 1)
  }

  @Test func aRequestThatHasBegunIsServedWhileTheConnectionDrains() {
    for cut in 1..<get.utf8.count {
      let exchange = HTTP1Exchange()
      exchange.onRequest = { $0.answer() }
      exchange.receive(Array(get.utf8.prefix(cut)))
      exchange.http.drain()
      exchange.receive(Array(get.utf8.dropFirst(cut)))
      #expect(exchange.take() == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
      #expect(exchange.http.isDone)
    }
  }

  @Test func aLostConnectionClosesItsRequest() {
    let exchange = HTTP1Exchange()
    exchange.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01")
    #expect(exchange.http.streamCount == 1)
    exchange.http.lost()
    exchange.http.lost()
    #expect(exchange.requests[0].closures == [.connectionLost])
    #expect(exchange.http.streamCount == 0)
    exchange.receive("23456789" + get)
    #expect(exchange.requests.count == 1)
    #expect(exchange.take().isEmpty)
  }

  @Test func aConnectionThatIsLostWhileARequestBeginsClosesIt() {
    let exchange = HTTP1Exchange()
    exchange.onRequest = { [unowned exchange] _ in exchange.http.lost() }
    exchange.receive(get)
    #expect(exchange.requests[0].closures == [.connectionLost])
  }
}
