// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import AmaruHTTP

/// A client may ping once in a while, and more often only while it is sent something (gRPC's proposal A8).
struct PingPolicyTests {
  private static let second: UInt64 = 1_000_000_000

  private static func limits(withoutCalls: Bool = false) -> HTTPLimits {
    HTTPLimits(minPingNanoseconds: 10 * second, allowsPingsWithoutCalls: withoutCalls)
  }

  @Test func theThirdPingTooSoonEndsTheConnection() {
    let connection = MemoryConnection.open(Self.limits())
    connection.receive(.headers(1, grpcFields("/")))
    for _ in 0..<3 { connection.receive(.ping()) }
    #expect(connection.peer.goAways.isEmpty)
    #expect(connection.peer.pongs.count == 3)
    connection.receive(.ping())
    #expect(connection.peer.goAways.last?.code == ErrorCode.enhanceYourCalm.rawValue)
    #expect(connection.peer.goAwayText == "too_many_pings")
    #expect(connection.http.isDone)
  }

  @Test func pingsAtTheIntervalAreFine() {
    let connection = MemoryConnection.open(Self.limits())
    connection.receive(.headers(1, grpcFields("/")))
    for round in 1...100 {
      connection.now = UInt64(round) * 10 * Self.second
      connection.receive(.ping())
    }
    #expect(connection.peer.goAways.isEmpty)
    for round in 0..<3 {
      connection.now = 1000 * Self.second + UInt64(round + 1) * (10 * Self.second - 1)
      connection.receive(.ping())
    }
    #expect(connection.peer.goAways.count == 1)
  }

  @Test(arguments: [false, true])
  func withoutACallTwoHoursLieBetweenThemUnlessAllowed(_ isAllowed: Bool) {
    let connection = MemoryConnection.open(Self.limits(withoutCalls: isAllowed))
    for round in 1...4 {
      connection.now = UInt64(round) * 10 * Self.second
      connection.receive(.ping())
    }
    #expect(connection.peer.goAways.isEmpty == isAllowed)
  }

  @Test func aBodyFrameThatIsSentAllowsAPing() {
    let connection = MemoryConnection.open(Self.limits())
    connection.onRequest = { $0.stream?.sendHead(fieldList([":status: 200"]), end: false) }
    connection.receive(.headers(1, grpcFields("/")))
    for _ in 0..<100 {
      connection.requests[0].send([1])
      connection.pump()
      connection.receive(.ping())
    }
    #expect(connection.peer.goAways.isEmpty)
  }
}
