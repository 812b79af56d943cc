// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Glibc
import Testing

struct ServingTests {
  @Test func allFourKindsAreServed() async throws {
    try await withServer { _, port in
      let client = try client(port)
      #expect(client.call("Unary", "hello").texts == ["hello"])
      #expect(client.call("List", "a,b,c").texts == ["a", "b", "c"])
      let collect = client.begin("Collect")
      for text in ["x", "y", "z"] { client.message(collect, text) }
      client.send(.data(collect, [], end: true))
      client.read { $0[collect].isOver }
      #expect(client.peer[collect].texts == ["x,y,z"])
      let chat = client.begin("Chat")
      for text in ["1", "2", "3"] {
        client.message(chat, text)
        client.read { $0[chat].texts.last == text }
      }
      client.send(.data(chat, [], end: true))
      client.read { $0[chat].isOver }
      #expect(client.peer[chat].texts == ["1", "2", "3"])
      #expect(client.peer.streams.values.allSatisfy { $0.status == 0 && $0.isEnded })
    }
  }

  @Test func aSenderOfSingleBytesIsServedRight() async throws {
    try await withServer { _, port in
      guard let client = WireClient(port: port) else { throw NoConnection() }
      let bytes =
        Frame.preface + Frame.settings().bytes
        + Frame.headers(1, grpcFields("/test.v1.Test/Unary")).bytes
        + Frame.data(1, Envelope.bytes(Text("slow").encoded()), end: true).bytes
      for byte in bytes { client.send([byte]) }
      client.read { $0[1].isOver }
      #expect(client.peer[1].texts == ["slow"])
      #expect(client.peer[1].status == 0)
    }
  }

  @Test func severalLoopsShareAPort() async throws {
    let threads = Notes<UInt>()
    let service = TestService(
      .unary(TestMethods.unary) { request, _ in
        threads.add(pthread_self())
        return request
      })
    try await withServer(service, { $0.loops = 3 }) { _, port in
      for number in 0..<60 {
        let client = try client(port)
        #expect(client.call("Unary", "\(number)").texts == ["\(number)"])
      }
    }
    // The kernel spreads them by a hash of both ends.
    #expect(Set(threads.all).count > 1)
  }

  @Test(arguments: [1, 3])
  func aUnixSocketIsServedAndItsFileGoesWithTheServer(_ loops: Int) async throws {
    let path = freePath()
    try await withServer(.echo) {
      $0.addresses = [.unix(path: path)]
      $0.loops = loops
    } _: { server, _ in
      for number in 0..<10 {
        guard let client = WireClient(path: path) else { throw NoConnection() }
        client.shakeHands()
        #expect(client.call("Unary", "\(number)").texts == ["\(number)"])
      }
    }
    #expect(access(path, F_OK) != 0)
  }

  @Test(arguments: [1, 3])
  func aServerThatHasStoppedLeavesNoDescriptors(_ loops: Int) async throws {
    @Sendable func listening(_ path: String) -> Int {
      guard let file = fopen("/proc/net/unix", "r") else { return -1 }
      defer { fclose(file) }
      var count = 0
      var line = [CChar](repeating: 0, count: 1024)
      while fgets(&line, Int32(line.count), file) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if text.contains(path) { count += 1 }
      }
      return count
    }
    let path = freePath()
    try await withServer(.echo) {
      $0.addresses = [.unix(path: path)]
      $0.loops = loops
    } _: { _, _ in
      #expect(listening(path) > 0)
    }
    #expect(listening(path) == 0)
  }

  @Test func aServerThatCannotStartLetsGoOfWhatItHadBound() async throws {
    let free = FreePort.next()
    let path = freePath()
    try await withServer { _, taken in
      let done = Notes<Bool>()
      Task.detached {
        var options = ServerOptions()
        options.logger = .none
        options.addresses = [
          .tcp(host: "127.0.0.1", port: free), .unix(path: path),
          .tcp(host: "127.0.0.1", port: taken),
        ]
        let server = try Server([TestService.echo], options: options)
        do {
          try await server.start()
          done.add(false)
        } catch let error as ServerError {
          done.add(error.description.contains("\(taken)"))
        }
      }
      while done.count == 0 { sched_yield() }
      #expect(done.all == [true])
      #expect(WireClient(port: free) == nil)
      #expect(WireClient(path: path) == nil)
      #expect(access(path, F_OK) != 0)
    }
  }

  @Test func aServerStartsOnce() async throws {
    let server = try Server([TestService.echo])
    await server.shutdown()
    await server.waitUntilStopped()
    #expect(server.addresses.isEmpty)
    try await withServer { server, port in
      #expect(server.addresses == [.tcp(host: "127.0.0.1", port: port)])
      let done = Notes<Bool>()
      Task.detached {
        do { try await server.start() } catch is ServerError { done.add(true) }
      }
      while done.count == 0 { sched_yield() }
    }
  }

  @Test(
    arguments: [
      (["content-type: text/plain"], "415"), (["content-type: application/grpc-webs"], "415"), ([], "415"),
    ] as [([Field], String)])
  func aRequestThatIsNotGRPCIsAnsweredInHTTP(_ fields: [Field], _ status: String) async throws {
    try await withServer { _, port in
      let client = try client(port)
      let request: [Field] = [":method: POST", ":scheme: http", ":path: /test.v1.Test/Unary", ":authority: a"]
      client.nextStream = 3
      client.send(.headers(1, request + fields), .data(1, [1, 2], end: true))
      client.read { $0[1].isOver }
      #expect(client.peer[1].value(":status") == status)
      #expect(client.peer[1].value("content-type") == "text/plain; charset=utf-8")
      #expect(client.peer[1].isEnded)
      #expect(client.call("Unary", "next").texts == ["next"])
    }
  }

  @Test func anotherMethodThanPostIsNotAllowed() async throws {
    try await withServer { _, port in
      let client = try client(port)
      var fields = grpcFields("/test.v1.Test/Unary")
      fields[0] = ":method: GET"
      client.send(.headers(1, fields, end: true))
      client.read { $0[1].isOver }
      #expect(client.peer[1].value(":status") == "405")
      #expect(client.peer[1].value("allow") == "POST")
    }
  }

  @Test func aHeaderListOverTheLimitIsExhausted() async throws {
    try await withServer { _, port in
      let client = try client(port)
      let many = (0..<100).map { Field("k\($0)", "v") }
      #expect(client.call("Unary", "x", many).status == 8)
      let long = (0..<50).map { Field("k\($0)", String(repeating: "v", count: 300)) }
      #expect(client.call("Unary", "x", long).status == 8)
      #expect(client.call("Unary", "x").status == 0)
    }
  }

  @Test func offLoopHandlersAnswerWhileTheLoopGoesOn() async throws {
    let gate = Notes<Void>()
    let service = TestService(
      Handler.unary(TestMethods.unary) { request, _ in
        while gate.count == 0 { sched_yield() }
        return request
      }.offLoop(),
      .serverStreaming(TestMethods.list) { request, responses, _ in try await responses.write(request) })
    try await withServer(service) { _, port in
      let client = try client(port)
      let slow = client.begin("Unary")
      client.message(slow, "slow", end: true)
      #expect(client.call("List", "quick").texts == ["quick"])
      #expect(!client.peer[slow].isOver)
      gate.add(())
      client.read { $0[slow].isOver }
      #expect(client.peer[slow].texts == ["slow"])
    }
  }

  @Test func manyStreamsOfManyConnectionsRunAtOnce() async throws {
    try await withServer(.echo, { $0.loops = 2 }) { _, port in
      let clients = try (0..<5).map { _ in try client(port) }
      let streams = clients.map { client in (0..<80).map { _ in client.begin("Chat") } }
      for round in 0..<3 {
        for (client, own) in zip(clients, streams) {
          for stream in own { client.message(stream, "\(stream):\(round)") }
        }
      }
      for (client, own) in zip(clients, streams) {
        for stream in own { client.send(.data(stream, [], end: true)) }
        client.read { peer in own.allSatisfy { peer[$0].isOver } }
        for stream in own {
          #expect(client.peer[stream].texts == (0..<3).map { "\(stream):\($0)" })
          #expect(client.peer[stream].status == 0)
        }
      }
    }
  }
}
