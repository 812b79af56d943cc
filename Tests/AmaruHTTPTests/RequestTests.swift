// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import AmaruHTTP

struct RequestTests {
  private static let request: [UInt8] =
    Frame.preface + Frame.settings([(Setting.initialWindowSize, 1000)]).bytes
    + Frame.headers(1, grpcFields("/a.B/C", ["key: value"])).bytes
    + Frame.ping(7).bytes
    + Frame.data(1, Array("hello ".utf8)).bytes + Frame.data(1, Array("world".utf8), end: true).bytes

  @Test func everySplitOfARequestGivesTheSame() {
    for pieces in everySplit(of: Self.request) {
      let connection = MemoryConnection()
      for piece in pieces { connection.receive(piece) }
      #expect(connection.requests.count == 1)
      let request = connection.requests.first
      #expect(request?.head.fields.list == grpcFields("/a.B/C", ["key: value"]))
      #expect(request?.head.method == "POST")
      #expect(request?.head.path == "/a.B/C")
      #expect(request?.head.authority == "test")
      #expect(request?.body == Array("hello world".utf8))
      #expect(request?.ends == 1)
      #expect(connection.peer.pongs == [[0, 0, 0, 0, 0, 0, 0, 7]])
      #expect(connection.peer.settingsAcks == 1)
      #expect(connection.peer.goAways.isEmpty)
    }
  }

  @Test func theSettingsAreTheLimits() {
    let connection = MemoryConnection.open(
      HTTPLimits(
        maxHeaderListBytes: 5000, maxConcurrentStreams: 7, streamWindowBytes: 70_000,
        connectionWindowBytes: 100_000))
    #expect(
      connection.peer.settings == [
        Setting.maxConcurrentStreams: 7, Setting.initialWindowSize: 70_000,
        Setting.maxHeaderListSize: 5000,
      ])
    #expect(connection.peer.connectionCredit == 100_000 - 65_535)
    #expect(connection.http.isEstablished)
  }

  @Test(arguments: [1, 10, 100, 4096])
  func theLastBytesOfABodyComeTogetherWithItsEnd(_ size: Int) {
    let connection = MemoryConnection.open()
    var calls: [(Int, Bool)] = []
    connection.onRequest = { $0.onReceive = { calls.append(($1, $2)) } }
    connection.receive(
      .headers(1, grpcFields("/")), .data(1, [UInt8](repeating: 1, count: size), end: true))
    #expect(calls.map(\.0) == [size])
    #expect(calls.map(\.1) == [true])
  }

  @Test func aBodyMayEndWithAnEmptyFrame() {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/")), .data(1, [1, 2]), .data(1, [], end: true))
    #expect(connection.requests[0].body == [1, 2])
    #expect(connection.requests[0].ends == 1)
  }

  @Test func aRequestMayHaveNoBodyOrTrailers() {
    let connection = MemoryConnection.open()
    connection.receive(
      .headers(1, grpcFields("/"), end: true), .headers(3, grpcFields("/")), .data(3, [1]),
      .headers(3, ["trailer: x"], end: true))
    #expect(connection.requests.map(\.ends) == [1, 1])
    #expect(connection.requests[1].body == [1])
    #expect(!connection.requests[1].head.fields.list.contains("trailer: x"))
  }

  @Test func paddingIsNotPartOfABodyAndGetsItsCreditBack() {
    let connection = MemoryConnection.open(HTTPLimits(streamWindowBytes: 1000))
    connection.receive(.headers(1, grpcFields("/")))
    for _ in 0..<5 {
      let padded = [200] + [7, 8] + [UInt8](repeating: 0, count: 200)
      connection.receive(Frame(.data, flags: Frame.padded, stream: 1, padded))
    }
    #expect(connection.requests[0].body == [7, 8, 7, 8, 7, 8, 7, 8, 7, 8])
    #expect(connection.peer[1].reset == nil)
    #expect(connection.peer[1].credit >= 500)
  }

  @Test func aHeaderBlockMayBeContinued() {
    let connection = MemoryConnection.open()
    let block = HPACK.literal(grpcFields("/a.B/C"))
    for (index, cut) in [0, 1, 10, block.count - 1, block.count].enumerated() {
      let stream = UInt32(1 + index * 2)
      connection.receive(
        Frame(.headers, flags: Frame.endStream, stream: stream, Array(block[..<cut])),
        .continuation(stream, Array(block[cut...]), end: true))
    }
    #expect(connection.requests.map(\.head.path) == Array(repeating: "/a.B/C", count: 5))
    #expect(connection.requests.allSatisfy { $0.ends == 1 })
  }

  @Test func aFrameOfAnUnknownTypeIsIgnored() {
    let connection = MemoryConnection.open()
    connection.receive(Frame(type: 0xfa, stream: 5, [1, 2, 3]), .ping(1))
    #expect(connection.peer.pongs.count == 1)
    #expect(connection.peer.goAways.isEmpty)
  }

  // MARK: The head that is sent again

  @Test func anEqualHeadIsTheSameObject() {
    let connection = MemoryConnection.open()
    for stream: UInt32 in [1, 3, 5] {
      connection.receive(.headers(stream, grpcFields("/a.B/C", ["k: v"]), end: true))
    }
    #expect(connection.requests[0].head === connection.requests[1].head)
    #expect(connection.requests[1].head === connection.requests[2].head)
  }

  @Test(
    arguments: [
      ["k: w", "l: m"], ["k: v", "l: n"], ["k: v"], ["k: v", "l: m", "n: o"], [],
      ["k: v", "l: "], ["k: v", "l: mm"], ["l: m", "k: v"], ["j: v", "l: m"], ["kk: v", "l: m"],
      ["k: v", "l: m", "k: v"],
    ] as [[Field]])
  func aHeadThatDiffersIsAnother(_ other: [Field]) {
    let connection = MemoryConnection.open()
    let first = grpcFields("/a.B/C", ["k: v", "l: m"])
    connection.receive(.headers(1, first, end: true))
    connection.receive(.headers(3, grpcFields("/a.B/C", other), end: true))
    connection.receive(.headers(5, first, end: true))
    connection.receive(.headers(7, grpcFields("/a.B/D", ["k: v", "l: m"]), end: true))
    let heads = connection.requests.map(\.head)
    #expect(heads[0] !== heads[1])
    #expect(heads[1] !== heads[2])
    #expect(heads.map(\.fields.list) == [first, grpcFields("/a.B/C", other), first, grpcFields("/a.B/D", ["k: v", "l: m"])])
    #expect(heads.map(\.fields.count) == heads.map { $0.fields.list.count })
  }

  @Test func trailersDoNotDisturbTheNextHead() {
    let connection = MemoryConnection.open()
    connection.receive(
      .headers(1, grpcFields("/a")), .headers(1, ["x: y"], end: true),
      .headers(3, grpcFields("/a"), end: true))
    #expect(connection.requests[0].head === connection.requests[1].head)
    #expect(connection.requests[1].head.fields.list == grpcFields("/a"))
  }

  @Test func aHeadThatWasCutIsNotGivenOutAgain() {
    let connection = MemoryConnection.open(HTTPLimits(maxHeaderFields: 7))
    connection.receive(.headers(1, grpcFields("/a", ["a: 1", "b: 2"]), end: true))
    connection.receive(.headers(3, grpcFields("/a", ["a: 1"]), end: true))
    connection.receive(.headers(5, grpcFields("/a", ["a: 1", "b: 2"]), end: true))
    #expect(connection.requests.map(\.head.isTruncated) == [true, false, true])
    #expect(connection.requests[0].head !== connection.requests[1].head)
  }

  @Test func aRefusedHeadDoesNotLeakIntoTheNext() {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/a", ["k: v"]), end: true))
    // The bad field comes when the list has been the last one again so far.
    connection.receive(.headers(3, grpcFields("/a", ["Upper: v"]), end: true))
    connection.receive(.headers(5, grpcFields("/a", ["k: v"]), end: true))
    #expect(connection.peer[3].reset == ErrorCode.protocolError.rawValue)
    #expect(connection.requests.last?.head.fields.list == grpcFields("/a", ["k: v"]))
  }

  // MARK: Limits of the list

  @Test(arguments: [-1, 0, 1])
  func aListOverItsBytesByOneIsCut(_ more: Int) {
    let fields = grpcFields("/a")
    let base = fieldList(fields).listSize + 33
    let connection = MemoryConnection.open(HTTPLimits(maxHeaderListBytes: base + 50))
    connection.receive(
      .headers(1, fields + [Field("k", String(repeating: "v", count: 50 + more))], end: true))
    #expect(connection.requests.map(\.head.isTruncated) == [more > 0])
    #expect(connection.requests[0].head.fields.count == (more > 0 ? 6 : 7))
  }

  @Test(arguments: [-1, 0, 1])
  func aListOverItsCountByOneIsCut(_ more: Int) {
    let connection = MemoryConnection.open(HTTPLimits(maxHeaderFields: 20))
    let extra = (0..<(14 + more)).map { Field("k\($0)", "v") }
    connection.receive(.headers(1, grpcFields("/a", extra), end: true))
    #expect(connection.requests.map(\.head.isTruncated) == [more > 0])
    #expect(connection.requests[0].head.fields.count == min(20, 20 + more))
  }

  @Test func aRepeatedListThatGrowsOverTheLimitIsCut() {
    let connection = MemoryConnection.open(HTTPLimits(maxHeaderFields: 7))
    connection.receive(.headers(1, grpcFields("/a", ["k: v"]), end: true))
    connection.receive(.headers(3, grpcFields("/a", ["k: v", "l: m"]), end: true))
    #expect(connection.requests.map(\.head.isTruncated) == [false, true])
    #expect(connection.requests[1].head.fields.list == grpcFields("/a", ["k: v"]))
  }
}
