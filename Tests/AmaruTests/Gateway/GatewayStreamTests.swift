// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import GoldenPlain
import Synchronization
import Testing

/// Streams by plain HTTP: what is wrong in the middle, time, slow readers and callers who go.
struct GatewayStreamTests {
  private static let greeter = "/grpc/greeterservice"

  private static func client() throws -> TestClient {
    try TestClient(
      GatewayApp([GRPCGateway(path: "/grpc", services: [GreeterService()], exposeHTTP: true)]))
  }

  @Test func anErrorNamesTheLineOfAStream() async throws {
    let client = try Self.client()
    let body = "{\"name\":\"Ada\"}\n\n{\"name\":\"Bob\"}\n  {\"name\":5}\n{\"name\":\"Cy\"}\n"
    let record = try await client.request("POST", "\(Self.greeter)/record", body: Array(body.utf8))
    #expect(record.status == 400)
    #expect(record.text.contains("JSON line 4, column 11, at name: expected a string"))
    // What was answered before stands.
    let chat = try await client.request("POST", "\(Self.greeter)/chat", body: Array(body.utf8))
    let lines = chat.text.split(separator: "\n")
    #expect(chat.status == 200 && lines.count == 3)
    #expect(lines.last?.hasPrefix(#"{"error":{"detail":"#) == true)
    #expect(lines.last?.contains("JSON line 4") == true)
    await client.close()
  }

  @Test func theLineOverTheLimitIsNamed() async throws {
    var options = ServerOptions()
    options.limits.maxReceivedMessageBytes = 20
    let gateway = GRPCGateway(path: "/grpc", services: [GreeterService()], exposeHTTP: true)
    let client = try TestClient(GatewayApp([gateway], options: options))
    let response = try await client.request(
      "POST", "\(Self.greeter)/record", body: Array("{}\n\n{\"name\":\"123456789\"}\n".utf8))
    #expect(response.status == 200, "\(response.text)")
    let over = try await client.request(
      "POST", "\(Self.greeter)/record", body: Array("{}\n\n{\"name\":\"1234567890\"}\n".utf8))
    #expect(over.status == 429 && over.text.contains("line 3 is longer than the limit of 20 bytes"))
    await client.close()
  }

  @Test func aDeadlineInAStreamIsItsLastEvent() async throws {
    let client = try Self.client()
    let timeout = ("grpc-timeout", "50m")
    let events = try await client.get(
      "\(Self.greeter)/list?name=Ada+slow", headers: [timeout, ("accept", "text/event-stream")])
    #expect(events.status == 200)
    let end = "\n\nevent: error\ndata: {\"detail\":\"the deadline has passed\",\"code\":\"deadline_exceeded\"}\n\n"
    #expect(events.text == "data: {\"text\":\"Hello, Ada!\"}" + end)
    let lines = try await client.post(
      "\(Self.greeter)/list", json: #"{"name":"Ada slow"}"#, headers: [timeout])
    #expect(lines.text.hasSuffix("\"code\":\"deadline_exceeded\"}}\n"))
    await client.close()
  }

  @Test func aChatAnswersWhileItReadsOverHTTP1() async throws {
    try await Self.served(GreeterService()) { wire in
      let head = "POST /grpc/greeterservice/chat HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
      wire.send(Array(head.utf8))
      for name in ["Ada", "Bob"] {
        let line = "{\"name\":\"\(name)\"}\n"
        wire.send(Array("\(String(line.utf8.count, radix: 16))\r\n\(line)\r\n".utf8))
        #expect(Self.read(wire, until: "Hello, \(name)!"))
      }
      wire.send(Array("0\r\n\r\n".utf8))
      #expect(Self.read(wire, until: "\r\n0\r\n\r\n"))
    }
  }

  @Test func aCallerWhoDoesNotReadHoldsTheHandlerUpAndOneWhoGoesCancelsIt() async throws {
    let flood = FloodService()
    try await Self.served(flood, receiveBufferBytes: 4096) { wire in
      wire.send(Array("GET /grpc/floodservice/list HTTP/1.1\r\nhost: a\r\n\r\n".utf8))
      #expect(Self.read(wire, until: "{\"text\":"))
      // The loop answers others, so that the handler waits.
      let client = try ClientChannel("\(flood.address.withLock { $0 })")
      let reply = try await GreeterClient(client).sayHello(.with { $0.name = "A" })
      #expect(reply.text == "A")
      await client.close()
      #expect(flood.written.load(ordering: .relaxed) < FloodService.count)
      wire.close()
      // The test would wait for ever.
      for await _ in flood.cancelled { break }
    }
  }

  // MARK: A server and a caller by hand

  /// Serves `service`, and calls `body` with a connection to it.
  private static func served(
    _ service: any Service, receiveBufferBytes: Int32 = 0,
    _ body: (WireClient) async throws -> Void
  ) async throws {
    let port = FreePort.next()
    let gateway = GRPCGateway(path: "/grpc", services: [service], exposeHTTP: true, port: port)
    let app = try GatewayApp([gateway], port: port)
    try await app.startup()
    (service as? FloodService)?.address.withLock { $0 = "127.0.0.1:\(port)" }
    let wire = try #require(WireClient(port: port, receiveBufferBytes: receiveBufferBytes))
    try await body(wire)
    wire.close()
    await app.shutdown()
  }

  /// Reads until `text` has come; false when the connection ends before.
  private static func read(_ wire: WireClient, until text: String) -> Bool {
    while !String(decoding: wire.raw, as: UTF8.self).contains(text) {
      guard wire.read() else { return false }
    }
    return true
  }
}

/// Writes more than anybody holds.
private final class FloodService: Service {
  /// How many messages of 1 KiB.
  static let count = 50_000
  let written = Atomic(0)
  let address = Mutex("")
  let cancelled: AsyncStream<Void>
  private let wasCancelled: AsyncStream<Void>.Continuation

  init() { (cancelled, wasCancelled) = AsyncStream.makeStream() }

  var handlers: [Handler] {
    [
      .unary(GreeterMethods.sayHello) { request, _ in .with { $0.text = request.name } },
      .serverStreaming(GreeterMethods.list) { _, responses, _ in
        try await self.flood(responses)
      },
    ]
  }

  private func flood(_ responses: MessageWriter<HelloReply>) async throws {
    let message = HelloReply.with { $0.text = String(repeating: "x", count: 1024) }
    do {
      for _ in 0..<Self.count {
        try await responses.write(message)
        written.add(1, ordering: .relaxed)
      }
    } catch {
      wasCancelled.yield()
      throw error
    }
  }
}
