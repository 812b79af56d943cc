// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import AmaruHTTP

private let head = fieldList([":status: 200"])
private let trailers = fieldList(["grpc-status: 0"])

struct ReceiveWindowTests {
  private let limits = HTTPLimits(streamWindowBytes: 1000, connectionWindowBytes: 65_535)

  @Test(arguments: [0, 1])
  func bytesBeyondTheStreamsWindowAreAFlowControlError(_ more: Int) {
    let connection = MemoryConnection.open(limits)
    connection.receive(.headers(1, grpcFields("/")))
    connection.receive(.data(1, [UInt8](repeating: 1, count: 600)))
    connection.receive(.data(1, [UInt8](repeating: 1, count: 400 + more)))
    let isOver = more > 0
    let codes = connection.peer.goAways.map(\.code) + [connection.peer[1].reset].compactMap { $0 }
    #expect(codes == (isOver ? [ErrorCode.flowControlError.rawValue] : []))
    // nghttp2 hands out the frame that crosses the line before it ends the stream.
    #expect(connection.requests[0].body.count == 1000 + more)
  }

  @Test func creditIsNotGivenBackBeforeTheProtocolSaysSo() {
    let connection = MemoryConnection.open(limits)
    connection.receive(.headers(1, grpcFields("/")))
    connection.receive(.data(1, [UInt8](repeating: 1, count: 1000)))
    #expect(connection.peer[1].credit == 0)
    connection.requests[0].stream?.credit(1000)
    connection.pump()
    #expect(connection.peer[1].credit == 1000)
  }

  @Test func theConnectionsWindowKeepsMovingWhileAStreamIsNotRead() {
    let connection = MemoryConnection.open(
      HTTPLimits(streamWindowBytes: 60_000, connectionWindowBytes: 65_535))
    for number in 0..<20 {
      let stream = UInt32(1 + 2 * number)
      connection.receive(.headers(stream, grpcFields("/")))
      for _ in 0..<5 { connection.receive(.data(stream, [UInt8](repeating: 1, count: 10_000))) }
    }
    #expect(connection.peer.goAways.isEmpty)
    #expect(connection.requests.reduce(0) { $0 + $1.body.count } == 1_000_000)
    #expect(connection.peer.connectionCredit >= 1_000_000 - 65_535)
    #expect(connection.peer.streams.values.allSatisfy { $0.credit == 0 })
  }

  @Test func dataForAStreamThatWasResetIsIgnoredAndDoesNotUseUpTheConnection() {
    let connection = MemoryConnection.open(
      HTTPLimits(connectionWindowBytes: 65_535, abuseBudget: 10_000))
    connection.receive(.headers(1, grpcFields("/")))
    connection.requests[0].stream?.reset(.cancelled)
    connection.pump()
    #expect(connection.peer[1].reset == ErrorCode.cancel.rawValue)
    for _ in 0..<100 { connection.receive(.data(1, [UInt8](repeating: 1, count: 10_000))) }
    #expect(connection.peer.goAways.isEmpty)
    #expect(connection.requests[0].body.isEmpty)
    #expect(connection.peer.connectionCredit >= 1_000_000 - 65_535)
  }

  @Test(arguments: [0, 1])
  func keptBytesOverTheConnectionsLimitEndTheCallThatCrossesIt(_ more: Int) {
    let connection = MemoryConnection.open(HTTPLimits(maxBufferedBytes: 1000))
    connection.onRequest = { request in
      request.onReceive = { request, count, _ in request.stream?.kept(count) }
    }
    connection.receive(.headers(1, grpcFields("/")), .headers(3, grpcFields("/")))
    connection.receive(.data(1, [UInt8](repeating: 1, count: 600)))
    connection.receive(.data(3, [UInt8](repeating: 1, count: 400 + more)))
    #expect(connection.requests.map(\.overflows) == [0, more])
    connection.requests[0].stream?.released(600)
    connection.receive(.data(3, [1]))
    #expect(connection.requests.map(\.overflows) == [0, more])
    #expect(connection.http.keptBytes == 401 + more)
    connection.receive(.reset(3, .cancel))
    #expect(connection.http.keptBytes == 0)
  }
}

struct SendWindowTests {
  private func respond(_ connection: MemoryConnection, _ bytes: Int) {
    connection.onRequest = { request in
      request.stream?.sendHead(head, end: false)
      request.send((0..<bytes).map { UInt8(truncatingIfNeeded: $0) })
      request.stream?.sendTrailers(trailers)
    }
  }

  @Test func aPeersWindowIsNeverOverrunHoweverSmallItsUpdatesAre() {
    for window: UInt32 in [0, 1, 2, 100] {
      let connection = MemoryConnection.open(settings: [(Setting.initialWindowSize, window)])
      respond(connection, 300)
      connection.receive(.headers(1, grpcFields("/"), end: true))
      var credit = Int(window)
      #expect(connection.peer[1].body.count == credit)
      var step: UInt32 = 1
      while credit < 300 {
        connection.receive(.windowUpdate(1, step))
        credit += Int(step)
        step = step % 7 + 1
        #expect(connection.peer[1].body.count == min(credit, 300))
      }
      #expect(connection.peer[1].isEnded)
      #expect(connection.peer[1].body == (0..<300).map { UInt8(truncatingIfNeeded: $0) })
      #expect(connection.peer[1].value("grpc-status") == "0")
    }
  }

  @Test func theConnectionsWindowHoldsAllStreamsTogether() {
    let connection = MemoryConnection.open(
      HTTPLimits(), settings: [(Setting.initialWindowSize, 1 << 20)])
    respond(connection, 50_000)
    for stream: UInt32 in [1, 3, 5] {
      connection.receive(.headers(stream, grpcFields("/"), end: true))
    }
    func total() -> Int { connection.peer.streams.values.reduce(0) { $0 + $1.body.count } }
    #expect(total() == 65_535)
    connection.receive(.windowUpdate(0, 1))
    #expect(total() == 65_536)
    connection.receive(.windowUpdate(0, 100_000))
    #expect(total() == 150_000)
    #expect([1, 3, 5].allSatisfy { connection.peer[$0].isEnded })
  }

  @Test func aSettingThatShrinksTheWindowBelowZeroStopsTheStream() {
    let connection = MemoryConnection.open(settings: [(Setting.initialWindowSize, 100)])
    respond(connection, 300)
    connection.receive(.headers(1, grpcFields("/"), end: true))
    #expect(connection.peer[1].body.count == 100)
    connection.receive(.initialWindow(10))
    connection.receive(.windowUpdate(1, 90))
    #expect(connection.peer[1].body.count == 100)
    connection.receive(.windowUpdate(1, 1))
    #expect(connection.peer[1].body.count == 101)
    connection.receive(.initialWindow(1000))
    #expect(connection.peer[1].isEnded)
  }

  @Test(arguments: [20, 33, 100, 1000, 16_393, 131_072])
  func aResponseComesWholeThroughASendBufferOfAnySize(_ size: Int) {
    let connection = MemoryConnection.open()
    connection.outputBytes = size
    respond(connection, 40_000)
    connection.receive(.headers(1, grpcFields("/"), end: true))
    // A whole DATA frame must fit behind what is there, or else nothing is written.
    guard size >= 16_393 else { return }
    #expect(connection.peer[1].body.count == 40_000)
    #expect(connection.peer[1].isEnded)
    #expect(connection.peer.isBetweenFrames)
  }

  @Test func noFrameIsLongerThanThePeerAllows() {
    let connection = MemoryConnection.open()
    respond(connection, 60_000)
    connection.receive(.headers(1, grpcFields("/"), end: true))
    #expect(connection.peer[1].frames.max() == 16_384)
  }

  @Test func roomIsAnnouncedOnceHalfTheBufferIsSent() {
    let connection = MemoryConnection.open(
      HTTPLimits(sendBufferBytes: 1000), settings: [(Setting.initialWindowSize, 0)])
    connection.receive(.headers(1, grpcFields("/")))
    let request = connection.requests[0]
    request.stream?.sendHead(head, end: false)
    request.send([UInt8](repeating: 1, count: 999))
    #expect(request.stream?.unsentBytes == 999)
    connection.receive(.windowUpdate(1, 999))
    #expect(request.roomCount == 0)
    request.send([UInt8](repeating: 1, count: 1000))
    connection.receive(.windowUpdate(1, 500))
    #expect(request.roomCount == 0)
    connection.receive(.windowUpdate(1, 1))
    #expect(request.roomCount == 1)
    connection.receive(.windowUpdate(1, 499))
    #expect(request.roomCount == 1)
    #expect(request.stream?.unsentBytes == 0)
  }

  @Test(arguments: [1, 2, 3])
  func roomIsAnnouncedHoweverSmallTheBufferIs(_ size: Int) {
    let connection = MemoryConnection.open(HTTPLimits(sendBufferBytes: size))
    connection.receive(.headers(1, grpcFields("/")))
    let request = connection.requests[0]
    request.stream?.sendHead(head, end: false)
    request.send([1, 2, 3, 4])
    connection.pump()
    #expect(request.stream?.unsentBytes == 0)
    #expect(request.roomCount == 1)
  }
}
