// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Glibc
import Testing

/// What a peer can make a server do, and where it ends.
struct LimitTests {
  private static func wait(until condition: () -> Bool) { while !condition() { sched_yield() } }

  /// Writes large messages until its call is over, and counts them.
  private static func writing(_ written: Notes<Void>, _ ends: Notes<String>) -> TestService {
    TestService(
      .serverStreaming(TestMethods.list) { request, responses, _ in
        let message = Text(String(repeating: "x", count: 10_000))
        do {
          while true {
            try await responses.write(message)
            written.add(())
          }
        } catch let error as RPCError {
          ends.add("\(error.code)")
          throw error
        }
      },
      .unary(TestMethods.unary) { request, _ in request })
  }

  @Test(
    arguments: [
      [], Array(Frame.preface.prefix(10)), Frame.preface, Frame.preface + [0, 0],
    ] as [[UInt8]])
  func aPeerThatDoesNotShakeHandsIsClosed(_ sent: [UInt8]) async throws {
    try await withServer(.echo, { $0.limits.handshakeTimeout = .milliseconds(50) }) { _, port in
      guard let client = WireClient(port: port) else { throw NoConnection() }
      client.send(sent)
      client.readToEnd()
      #expect(client.isClosed)
    }
  }

  @Test func aPeerThatDoesNotFinishItsHeadersIsClosed() async throws {
    try await withServer(.echo, { $0.limits.headerTimeout = .milliseconds(50) }) { _, port in
      let client = try client(port)
      client.send(Frame(.headers, stream: 1, HPACK.literal(grpcFields("/test.v1.Test/Unary"))))
      client.readToEnd()
      #expect(client.peer[1].blocks.isEmpty)
    }
  }

  @Test func aMalformedHeadDoesNotCloseTheConnectionLater() async throws {
    try await withServer(.echo, { $0.limits.headerTimeout = .milliseconds(10) }) { _, port in
      let client = try client(port)
      client.nextStream = 5
      let chat = client.begin("Chat")
      client.send(.headers(7, ["Bad: field"]))
      client.read { $0[7].isOver }
      // A deadline that is later than several looks at the time.
      client.nextStream = 9
      let slow = client.begin("Collect", ["grpc-timeout: 100m"])
      client.read { $0[slow].isOver }
      #expect(client.peer[slow].status == 4)
      client.message(chat, "still here", end: true)
      client.read { $0[chat].isOver }
      #expect(client.peer[chat].texts == ["still here"])
    }
  }

  @Test func anIdleConnectionIsToldToGo() async throws {
    try await withServer(.echo, { $0.limits.idleTimeout = .milliseconds(50) }) { _, port in
      let client = try client(port)
      // On a slow machine the call may come too late to be served.
      _ = client.call("Unary", "x")
      client.readToEnd()
      #expect(client.peer.goAways.first == .init(0x7fff_ffff, .noError))
    }
  }

  @Test func aConnectionWithACallIsNotIdle() async throws {
    let seen = Notes<Void>()
    // On a slow machine the connection may be idle for that long before the call begins: longer, then.
    var idle = 10
    while seen.count == 0 {
      idle *= 2
      try await withServer(.echo, { $0.limits.idleTimeout = .milliseconds(idle) }) { [idle] _, port in
        let client = try client(port)
        let chat = client.begin("Chat")
        client.message(chat, "begun")
        client.read { !$0[chat].messages.isEmpty || !$0.goAways.isEmpty }
        guard client.peer.goAways.isEmpty else { return }
        let clock = client.begin("Collect", [Field("grpc-timeout", "\(10 * idle)m")])
        client.read { $0[clock].isOver }
        #expect(client.peer.goAways.isEmpty)
        client.message(chat, "x", end: true)
        client.read { $0[chat].isOver }
        #expect(client.peer[chat].texts == ["begun", "x"])
        seen.add(())
      }
    }
  }

  @Test func aReaderWithoutWindowStopsItsWriterAndNobodyElses() async throws {
    let written = Notes<Void>()
    let ends = Notes<String>()
    try await withServer(Self.writing(written, ends), { $0.limits.sendBufferBytes = 50_000 }) { _, port in
      let slow = try client(port, window: 0)
      slow.returnsCredit = false
      let list = slow.begin("List")
      slow.message(list, "x", end: true)
      // Five messages of 10,000 bytes and their prefixes fill the buffer; the fifth write waits.
      Self.wait { written.count == 4 }
      let other = try client(port)
      for number in 0..<100 { #expect(other.call("Unary", "\(number)").texts == ["\(number)"]) }
      slow.ping()
      #expect(written.count == 4)
      slow.send(.windowUpdate(list, 30_000))
      Self.wait { written.count > 4 }
      slow.ping()
      #expect(slow.peer[list].body.count == 30_000)
      #expect(written.count <= 8)
      slow.close()
      Self.wait { ends.count == 1 }
      #expect(ends.all == ["cancelled"])
    }
  }

  @Test func aReaderThatNeverReadsItsSocketStopsItsWriterAndIsDropped() async throws {
    let written = Notes<Void>()
    let ends = Notes<String>()
    try await withServer(
      Self.writing(written, ends), { $0.limits.writeStallTimeout = .milliseconds(300) }
    ) { _, port in
      guard let client = WireClient(port: port, receiveBufferBytes: 4096) else { throw NoConnection() }
      client.shakeHands(window: 0x7fff_ffff)
      client.send(.windowUpdate(0, 0x7000_0000))
      client.message(client.begin("List"), "x", end: true)
      // The system's buffers hold some megabytes, ours 64 KiB: then the writer waits until it is cancelled.
      Self.wait { ends.count == 1 }
      #expect(ends.all == ["cancelled"])
      #expect(written.count < 2000)
    }
  }

  @Test func aPeerThatSendsAndNeverReadsIsNotReadEither() async throws {
    try await withServer { _, port in
      guard let client = WireClient(port: port, receiveBufferBytes: 4096) else { throw NoConnection() }
      client.shakeHands()
      // Calls whose responses nobody takes: in the end the server stops reading, or ends the connection.
      let refused = grpcFields("/test.v1.Test/Nothing", [Field("k", String(repeating: "v", count: 1000))])
      var stream: UInt32 = 1
      var sent = 0
      var rest: [UInt8] = []
      var stalls = 0
      while stalls < 1000, sent < 1 << 28 {
        if rest.isEmpty {
          rest = Frame.headers(stream, refused, end: true).bytes
          stream += 2
        }
        let count = client.sendWithoutWaiting(rest)
        rest.removeFirst(count)
        sent += count
        stalls = count == 0 ? stalls + 1 : 0
        if count == 0 { sched_yield() }
      }
      #expect(stalls == 1000)
      let other = try AmaruTests.client(port)
      #expect(other.call("Unary", "x").texts == ["x"])
    }
  }

  @Test func connectionsOverTheMostWaitUntilOneHasGone() async throws {
    try await withServer(.echo, { $0.limits.maxConnections = 3 }) { _, port in
      var clients = try (0..<3).map { _ in try client(port) }
      for client in clients { #expect(client.call("Unary", "x").status == 0) }
      let waiting = try client(port)
      let stream = waiting.begin("Unary")
      waiting.message(stream, "patience", end: true)
      for client in clients { client.ping() }
      #expect(waiting.sendWithoutWaiting(Frame.ping(1).bytes) > 0)
      #expect(waiting.peer.frames.isEmpty)
      clients.removeLast().close()
      waiting.read { $0[stream].isOver }
      #expect(waiting.peer[stream].texts == ["patience"])
    }
  }

  @Test(arguments: [false, true])
  func aLostConnectionCancelsItsHandlers(_ isReset: Bool) async throws {
    let seen = Notes<String>()
    let service = TestService(
      .clientStreaming(TestMethods.collect) { requests, context in
        seen.add("began")
        do {
          for try await _ in requests {}
        } catch {
          seen.add("\(Task.isCancelled) \(context.isCancelled)")
          throw error
        }
        return Text()
      })
    try await withServer(service) { _, port in
      let client = try client(port)
      let streams = (0..<20).map { _ in client.begin("Collect") }
      Self.wait { seen.count == 20 }
      if isReset {
        for stream in streams { client.send(.reset(stream, .cancel)) }
      } else {
        client.close()
      }
      Self.wait { seen.count == 40 }
      #expect(seen.all.suffix(20).allSatisfy { $0 == "true true" })
    }
  }

  @Test func aDeadlineEndsACallOnTheRealClock() async throws {
    try await withServer { _, port in
      let client = try client(port)
      let stream = client.begin("Chat", ["grpc-timeout: 20m"])
      client.read { $0[stream].isOver }
      #expect(client.peer[stream].status == 4)
    }
  }

  @Test func anErrorLargerThanAHeaderListMayBeEndsItsCall() async throws {
    let service = TestService(
      .unary(TestMethods.unary) { _, _ in
        throw RPCError(.internal, String(repeating: "x", count: 100_000))
      })
    try await withServer(service) { _, port in
      let client = try client(port)
      let stream = client.call("Unary", "x")
      #expect(stream.reset == ErrorCode.internalError.rawValue || stream.status == 13)
    }
  }

  @Test func aThousandIdleConnectionsAreServedWhenTheyWake() async throws {
    try await withServer(.echo, { $0.loops = 2 }) { _, port in
      let clients = try (0..<1000).map { _ in try client(port) }
      for (number, client) in clients.enumerated().reversed() {
        #expect(client.call("Unary", "\(number)").texts == ["\(number)"])
      }
    }
  }
}
