// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import AmaruHTTP

private let head = fieldList([":status: 200", "content-type: application/grpc"])
private let trailers = fieldList(["grpc-status: 0"])

struct ResponseTests {
  @Test func aResponseIsHeadBodyAndTrailers() {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/"), end: true))
    let stream = connection.requests[0].stream
    stream?.sendHead(head, end: false)
    connection.requests[0].send([1, 2])
    connection.requests[0].send([3])
    stream?.sendTrailers(trailers)
    connection.pump()
    #expect(connection.peer[1].blocks == [head.list, trailers.list])
    #expect(connection.peer[1].body == [1, 2, 3])
    #expect(connection.peer[1].isEnded)
    #expect(connection.requests[0].closures == [nil])
    #expect(connection.http.streamCount == 0)
  }

  @Test func preparedFieldsAreSentAgainAndAgain() {
    let connection = MemoryConnection.open()
    let preparedHead = PreparedFields(head)
    let preparedTrailers = PreparedFields(trailers)
    for stream: UInt32 in [1, 3, 5] {
      connection.receive(.headers(stream, grpcFields("/"), end: true))
      connection.requests.last?.stream?.sendHead(preparedHead)
      connection.requests.last?.stream?.sendTrailers(preparedTrailers)
      connection.pump()
      #expect(connection.peer[stream].blocks == [head.list, trailers.list])
      #expect(connection.peer[stream].isEnded)
    }
  }

  @Test func trailersAloneAreOneBlockThatEndsTheStream() {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/"), end: true))
    connection.requests[0].stream?.sendHead(head, end: true)
    connection.pump()
    #expect(connection.peer[1].blocks == [head.list])
    #expect(connection.peer[1].frames.isEmpty)
    #expect(connection.peer[1].isEnded)
  }

  @Test func aResponseToHEADHasNoBody() {
    let connection = MemoryConnection.open()
    let request = grpcFields("/").map { $0.name == ":method" ? Field(":method", "HEAD") : $0 }
    connection.receive(.headers(1, request, end: true))
    connection.requests[0].stream?.sendHead(head, end: false)
    connection.requests[0].send([1, 2, 3])
    connection.requests[0].stream?.sendTrailers(HTTPFields())
    connection.pump()
    #expect(connection.peer[1].blocks == [head.list])
    #expect(connection.peer[1].body == [])
    #expect(connection.peer[1].isEnded)
  }

  @Test func aResponseWithoutTrailersEndsWithItsLastData() {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/"), end: true))
    connection.requests[0].stream?.sendHead(head, end: false)
    connection.requests[0].send([1])
    connection.requests[0].stream?.sendTrailers(HTTPFields())
    connection.pump()
    #expect(connection.peer[1].blocks.count == 1)
    #expect(connection.peer[1].body == [1])
    #expect(connection.peer[1].isEnded)
  }

  @Test(arguments: [false, true])
  func aPeerThatStillSendsIsToldToStopAfterTheResponse(_ isTrailersOnly: Bool) {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/")), .data(1, [1]))
    connection.requests[0].stream?.sendHead(head, end: isTrailersOnly)
    if !isTrailersOnly { connection.requests[0].stream?.sendTrailers(trailers) }
    connection.pump()
    #expect(connection.peer[1].isEnded)
    #expect(connection.peer[1].reset == ErrorCode.noError.rawValue)
    let own = connection.peer.frames.filter { $0.stream == 1 }.map(\.kind)
    #expect(own.last == .resetStream)
    #expect(connection.requests[0].closures == [nil])
    connection.receive(.data(1, [2]), .data(1, [3], end: true), .ping())
    #expect(connection.peer.goAways.isEmpty)
    #expect(connection.requests[0].body == [1])
  }

  @Test func aResponseHeldBackByTheWindowIsOutBeforeThePeerIsToldToStop() {
    let connection = MemoryConnection.open(settings: [(Setting.initialWindowSize, 0)])
    connection.receive(.headers(1, grpcFields("/")))
    connection.requests[0].stream?.sendHead(head, end: false)
    connection.requests[0].send([1, 2, 3])
    connection.requests[0].stream?.sendTrailers(trailers)
    connection.pump()
    #expect(!connection.peer[1].isOver)
    connection.receive(.windowUpdate(1, 100))
    #expect(connection.peer[1].body == [1, 2, 3])
    #expect(connection.peer[1].isEnded)
    #expect(connection.peer[1].reset == ErrorCode.noError.rawValue)
  }

  @Test(arguments: [
    (HTTPStreamReset.noError, ErrorCode.noError), (.cancelled, .cancel),
    (.internalError, .internalError), (.refused, .refusedStream),
    (.enhanceYourCalm, .enhanceYourCalm),
  ])
  func aResetCarriesItsReasonAndDropsWhatIsUnsent(_ reason: HTTPStreamReset, _ code: ErrorCode) {
    let connection = MemoryConnection.open(settings: [(Setting.initialWindowSize, 0)])
    connection.receive(.headers(1, grpcFields("/")))
    connection.requests[0].stream?.sendHead(head, end: false)
    connection.requests[0].send([1, 2, 3])
    connection.requests[0].stream?.reset(reason)
    connection.pump()
    #expect(connection.peer[1].reset == code.rawValue)
    connection.receive(.windowUpdate(1, 100))
    #expect(connection.peer[1].body.isEmpty)
    #expect(connection.requests[0].closures.count == 1)
  }

  @Test func whatComesAfterTheCloseHasNoEffect() {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/")))
    let stream = connection.requests[0].stream
    connection.receive(.reset(1, .cancel))
    #expect(connection.requests[0].closures == [.reset(ErrorCode.cancel.rawValue)])
    stream?.sendHead(head, end: false)
    stream?.sendBody(UnsafeRawBufferPointer(start: nil, count: 0))
    stream?.sendTrailers(trailers)
    stream?.credit(10)
    stream?.kept(10)
    stream?.released(10)
    stream?.reset(.cancelled)
    connection.pump()
    #expect(connection.peer[1].blocks.isEmpty)
    #expect(connection.http.keptBytes == 0)
    #expect(stream?.unsentBytes == 0)
  }

  @Test func aSecondHeadAndWhatFollowsTheTrailersAreLeftOut() {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/"), end: true))
    let stream = connection.requests[0].stream
    stream?.sendHead(head, end: false)
    stream?.sendHead(head, end: false)
    stream?.sendTrailers(trailers)
    stream?.sendTrailers(trailers)
    connection.requests[0].send([1])
    connection.pump()
    #expect(connection.peer[1].blocks.count == 2)
    #expect(connection.peer[1].body.isEmpty)
  }

  @Test(arguments: [60_000, 70_000, 1_000_000])
  func trailersOfAnySizeEndTheStreamOneWayOrTheOther(_ size: Int) {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/"), end: true), .headers(3, grpcFields("/"), end: true))
    let large = fieldList([":status: 200", Field("grpc-message", String(repeating: "x", count: size))])
    connection.requests[0].stream?.sendHead(large, end: true)
    connection.requests[1].stream?.sendHead(head, end: false)
    connection.requests[1].stream?.sendTrailers(fieldList([Field("grpc-message", String(repeating: "x", count: size))]))
    connection.pump()
    #expect(connection.peer[1].isOver)
    #expect(connection.peer[3].isOver)
    #expect(connection.http.streamCount == 0)
  }

  @Test func outputIsAnnouncedOnceUntilItIsTaken() {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/"), end: true))
    connection.outputNotices = 0
    connection.requests[0].stream?.sendHead(head, end: false)
    connection.requests[0].send([1])
    connection.requests[0].send([2])
    #expect(connection.outputNotices == 1)
    connection.pump()
    connection.requests[0].send([3])
    #expect(connection.outputNotices == 2)
  }
}

struct DrainTests {
  private let last = UInt32(0x7fff_ffff)

  @Test func drainingTellsTwiceAndLetsTheRunningCallFinish() {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/"), end: true))
    connection.http.drain()
    connection.pump()
    #expect(connection.peer.goAways == [.init(last, .noError)])
    #expect(connection.peer.pings.count == 1)
    // What the peer sent before it heard of it is served.
    connection.receive(.headers(3, grpcFields("/"), end: true))
    #expect(connection.requests.count == 2)
    let answer = connection.peer.pings[0].payload
    connection.receive(Frame(.ping, flags: Frame.ack, answer))
    #expect(connection.peer.goAways == [.init(last, .noError), .init(3, .noError)])
    connection.receive(.headers(5, grpcFields("/"), end: true))
    #expect(connection.requests.count == 2)
    #expect(!connection.http.isDone)
    for request in connection.requests {
      request.stream?.sendHead(head, end: false)
      request.stream?.sendTrailers(trailers)
    }
    #expect(!connection.http.isDone)
    connection.pump()
    #expect(connection.peer[1].isEnded)
    #expect(connection.peer[3].isEnded)
    #expect(connection.peer[5] == Peer.Stream())
    #expect(connection.http.isDone)
  }

  @Test func aSecondDrainDoesNotWaitForThePing() {
    let connection = MemoryConnection.open()
    connection.http.drain()
    connection.pump()
    #expect(!connection.http.isDone)
    connection.http.drain()
    connection.pump()
    #expect(connection.peer.goAways == [.init(last, .noError), .init(0, .noError)])
    #expect(connection.http.isDone)
    connection.http.drain()
    connection.pump()
    #expect(connection.peer.goAways.count == 2)
  }

  @Test func aRequestMayStillSendItsBodyWhileDraining() {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/")))
    connection.http.drain()
    connection.http.drain()
    connection.pump()
    connection.receive(.data(1, [1, 2]), .data(1, [3], end: true))
    #expect(connection.requests[0].body == [1, 2, 3])
    #expect(connection.requests[0].ends == 1)
    #expect(!connection.http.isDone)
  }

  @Test func aResetOfTheLastCallEndsTheDrain() {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/")))
    connection.http.drain()
    connection.http.drain()
    connection.pump()
    connection.receive(.reset(1, .cancel))
    #expect(connection.http.isDone)
    #expect(connection.requests[0].closures == [.reset(ErrorCode.cancel.rawValue)])
  }

  @Test func aConnectionDrainedBeforeItsPrefaceIsDoneAfterIt() {
    let connection = MemoryConnection()
    connection.http.drain()
    connection.receive(Frame.preface + Frame.settings().bytes)
    connection.http.drain()
    connection.pump()
    #expect(connection.http.isDone)
  }

  @Test func aPeerThatSaysGoAwayMayFinishItsCalls() {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/"), end: true))
    connection.receive(Frame(.goAway, [0, 0, 0, 0, 0, 0, 0, 0]))
    connection.requests[0].stream?.sendHead(head, end: false)
    connection.requests[0].stream?.sendTrailers(trailers)
    connection.pump()
    #expect(connection.peer[1].isEnded)
  }

  @Test func aLostConnectionClosesEveryStreamOnce() {
    let connection = MemoryConnection.open()
    for number in 0..<50 { connection.receive(.headers(UInt32(1 + 2 * number), grpcFields("/"))) }
    connection.receive(.reset(21, .cancel))
    connection.http.lost()
    connection.http.lost()
    connection.receive(.headers(201, grpcFields("/")))
    #expect(connection.requests.count == 50)
    for (index, request) in connection.requests.enumerated() {
      #expect(request.closures == [index == 10 ? .reset(8) : .connectionLost])
    }
    #expect(connection.http.streamCount == 0)
  }
}
