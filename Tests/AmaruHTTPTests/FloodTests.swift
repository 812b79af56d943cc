// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import AmaruHTTP

/// What costs a peer nothing must cost the server little: beyond a budget, the connection ends.
struct FloodTests {
  private static let limits = HTTPLimits(abuseBudget: 50, abuseRefillNanoseconds: 1 << 40)

  /// A connection whose peer has not acknowledged the settings, so that it may be refused streams.
  private static func connection() -> MemoryConnection {
    let connection = MemoryConnection(limits)
    connection.receive(Frame.preface + Frame.settings().bytes)
    return connection
  }

  struct Flood: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let frames: @Sendable (UInt32) -> [Frame]

    init(_ description: String, _ frames: @escaping @Sendable (UInt32) -> [Frame]) {
      testDescription = description
      self.frames = frames
    }
  }

  static let floods = [
    Flood("PING") { _ in [.ping()] },
    Flood("SETTINGS") { _ in [.settings()] },
    Flood("SETTINGS with a value") { _ in [.initialWindow(100)] },
    Flood("PRIORITY") { _ in [.priority(101)] },
    Flood("empty DATA") { _ in [.data(1, [])] },
    Flood("requests that are reset") { [.headers($0, grpcFields("/")), .reset($0, .cancel)] },
    Flood("requests that are reset with NO_ERROR") { [.headers($0, grpcFields("/")), .reset($0, .noError)] },
    Flood("finished requests that are reset with NO_ERROR") { [.headers($0, grpcFields("/"), end: true), .reset($0, .noError)] },
    Flood("malformed requests") { [.headers($0, ["Bad: x"], end: true)] },
    Flood("streams over the limit") { [.headers($0, grpcFields("/"))] },
    Flood("WINDOW_UPDATE that resets its stream") { [.headers($0, grpcFields("/")), .windowUpdate($0, 0x7fff_ffff)] },
  ]

  @Test(arguments: floods)
  func aFloodEndsTheConnectionWithEnhanceYourCalm(_ flood: Flood) {
    let connection = Self.connection()
    connection.receive(.headers(1, grpcFields("/")))
    var rounds = 0
    while !connection.http.isDone, rounds < 1500 {
      connection.receive(flood.frames(UInt32(3 + rounds * 2)).flatMap(\.bytes))
      rounds += 1
    }
    #expect(connection.peer.goAways.last?.code == ErrorCode.enhanceYourCalm.rawValue)
    #expect(rounds <= 50 + 100)
    #expect(connection.http.streamCount <= 100)
  }

  @Test(arguments: floods)
  func aFloodInOneReadIsStoppedInItsMidst(_ flood: Flood) {
    let connection = Self.connection()
    let frames = (0..<5000).flatMap { flood.frames(UInt32(3 + $0 * 2)) }
    connection.receiveOnly([.headers(1, grpcFields("/"))] + frames)
    #expect(connection.requests.count <= 110)
    #expect(connection.http.streamCount <= 101)
    connection.pump()
    #expect(connection.peer.goAways.last?.code == ErrorCode.enhanceYourCalm.rawValue)
    #expect(connection.http.isDone)
    #expect(connection.peer.frames.count <= 200)
  }

  @Test(arguments: [1, 0, 100])
  func aFloodOfContinuationsIsCutOff(_ size: Int) {
    let connection = MemoryConnection.open(Self.limits)
    connection.receive(Frame(.headers, stream: 1, HPACK.literal(grpcFields("/"))))
    let piece = HPACK.literal([Field("k", String(repeating: "v", count: size))])
    var rounds = 0
    while !connection.http.isDone, rounds < 10_000 {
      connection.receive(.continuation(1, size == 0 ? [] : piece, end: false))
      rounds += 1
    }
    // Eight, says the design; so does nghttp2.
    #expect(rounds <= 9)
    #expect(connection.peer.goAways.count == 1)
    #expect(connection.requests.isEmpty)
  }

  @Test func aBudgetRefillsWithTime() {
    let connection = MemoryConnection.open(
      HTTPLimits(abuseBudget: 5, abuseRefillNanoseconds: 1000))
    for round in 0..<1000 {
      connection.now = UInt64(round) * 1000
      connection.receive(.ping())
    }
    #expect(connection.peer.pongs.count == 1000)
    #expect(connection.peer.goAways.isEmpty)
  }

  @Test func callsThatCompleteEarnTheirPings() {
    let connection = MemoryConnection.open(Self.limits)
    connection.onRequest = { request in
      request.stream?.sendHead(fieldList([":status: 200"]), end: true)
    }
    for round in 0..<1000 {
      connection.receive(
        .headers(UInt32(1 + 2 * round), grpcFields("/"), end: true), .ping())
    }
    #expect(connection.peer.pongs.count == 1000)
    #expect(connection.peer.goAways.isEmpty)
  }

  @Test func aPeerThatTakesNothingCannotHaveAnswersPileUp() {
    let connection = MemoryConnection.open(HTTPLimits(abuseBudget: 1 << 20))
    let pings = (0..<100_000).map { Frame.ping(UInt64($0)) }
    connection.receiveOnly(pings)
    connection.pump()
    #expect(connection.peer.pongs.count <= 1001)
    #expect(connection.peer.goAways.last?.code == ErrorCode.enhanceYourCalm.rawValue)
    #expect(connection.http.isDone)
  }
}
