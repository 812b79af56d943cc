// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Glibc
import Testing

/// A name that no other test has.
func freeName() -> String { "test-\(getpid())-\(UInt32.random(in: 0 ... .max))" }

/// Serves `service` on shared memory while `body` runs with a channel to it.
func withSharedMemory(
  _ service: TestService = .echo, server: (inout ServerOptions) -> Void = { _ in },
  options: ChannelOptions = .test(), _ body: (ClientChannel, Server) async throws -> Void
) async throws {
  try await withChannel(
    service,
    server: .test {
      $0.addresses = [.sharedMemory(freeName())]
      server(&$0)
    }, options: options, body)
}

/// What a generated client is: a struct over any channel.
private struct EchoClient {
  let channel: any Channel
  init(_ channel: any Channel) { self.channel = channel }
}

@Suite struct SharedMemoryTests {
  @Test(arguments: [1, 3]) func allFourKinds(_ loops: Int) async throws {
    try await withSharedMemory(server: { $0.loops = loops }) { channel, _ in
      let reply = try await channel.echo("hello")
      #expect(reply == "hello")

      var listed: [String] = []
      for try await text in try await channel.serverStreaming(TestMethods.list, Text("a,b,c")) {
        listed.append(text.value)
      }
      #expect(listed == ["a", "b", "c"])

      let collect = try await channel.clientStreaming(TestMethods.collect)
      for text in ["x", "y", "z"] { try await collect.write(Text(text)) }
      let collected = try await collect.finish().value
      #expect(collected == "x,y,z")

      let chat = try await channel.bidirectional(TestMethods.chat)
      var replies = chat.responses.makeAsyncIterator()
      for text in ["1", "2", "3"] {
        try await chat.write(Text(text))
        let answer = try await replies.next()?.value
        #expect(answer == text)
      }
      try await chat.finish()
      let last = try await replies.next()
      #expect(last == nil)
    }
  }

  @Test func oneServerOnTCPAndSharedMemory() async throws {
    let name = freeName()
    var options = ServerOptions.test()
    options.addresses.append(.sharedMemory(name))
    let server = try Server([TestService.echo], options: options)
    let addresses = try await server.start()
    #expect(addresses.last?.description == "shm:\(name)")
    let clients = [
      EchoClient(try await .sharedMemory(name)),
      EchoClient(try ClientChannel(addresses: [addresses[0]])),
      EchoClient(try ClientChannel("shm:\(name)")),
    ]
    for client in clients {
      let reply = try await client.channel.echo("hello")
      #expect(reply == "hello")
    }
    await server.shutdown(grace: .zero)
  }

  @Test func metadataErrorsAndPeersPass() async throws {
    let service = TestService(
      .unary(TestMethods.unary) { request, context in
        var head = Metadata()
        try head.add("echo", context.metadata.text("key") ?? "none")
        try head.add("echo-bin", context.metadata.binary("key-bin") ?? [])
        context.responseMetadata = head
        var trailers = Metadata()
        try trailers.add("last", "yes")
        context.trailers = trailers
        guard request.value.isEmpty else { return Text(context.peer) }
        throw RPCError(
          .failedPrecondition, "100% wrong: é\n",
          attaching: Google_Rpc_ErrorInfo.with { $0.reason = "BECAUSE" })
      })
    try await withSharedMemory(service) { channel, _ in
      var options = CallOptions()
      try options.metadata.add("key", "value")
      try options.metadata.add("key-bin", [0, 255])
      options.response = ResponseInfo()
      let peer = try await channel.echo("peer", options)
      #expect(peer == "shm:\(getpid())")
      #expect(options.response?.metadata.text("echo") == "value")
      #expect(options.response?.metadata.binary("echo-bin") == [0, 255])
      #expect(options.response?.trailers.text("last") == "yes")
      let error = await failure { _ = try await channel.echo("") }
      #expect(error?.code == .failedPrecondition)
      #expect(error?.message == "100% wrong: é\n")
      let detail = try error?.detail(Google_Rpc_ErrorInfo.self)
      #expect(detail?.reason == "BECAUSE")
      #expect(error?.metadata.text("last") == "yes")
    }
  }

  @Test func aHeadIsSentBeforeTheFirstMessageWhenAskedFor() async throws {
    let service = TestService(
      .bidirectional(TestMethods.chat) { requests, responses, context in
        var head = Metadata()
        try head.add("early", "yes")
        context.responseMetadata = head
        await context.sendResponseMetadata()
        for try await request in requests { try await responses.write(request) }
      })
    try await withSharedMemory(service) { channel, _ in
      let chat = try await channel.bidirectional(TestMethods.chat)
      let early = try await chat.responses.metadata.text("early")
      #expect(early == "yes")
      try await chat.finish()
    }
  }

  /// Inline, in slots of every class, and in pieces: the reply is the request.
  @Test(arguments: [0, 1, 32_700, 70_000, 1 << 20, 3 << 20, (4 << 20) - 5])
  func messagesOfAnySizePass(_ count: Int) async throws {
    try await withSharedMemory { channel, _ in
      let text = String(repeating: "x", count: count)
      let reply = try await channel.echo(text)
      #expect(reply == text)
    }
  }

  /// The limit, and one byte more, in both directions.
  @Test func messagesOverTheLimitAreRefused() async throws {
    try await withSharedMemory(server: { $0.limits.maxReceivedMessageBytes = 1002 }) { channel, _ in
      // Three bytes are the field's own.
      let text = String(repeating: "x", count: 999)
      let reply = try await channel.echo(text)
      #expect(reply == text)
      let sent = await failure { _ = try await channel.echo(text + "x") }
      #expect(sent == RPCError(.resourceExhausted, "a message of 1003 bytes is over the limit of 1002 bytes"))
      var options = CallOptions()
      options.maxResponseBytes = 1002
      let fits = try await channel.echo(text, options)
      #expect(fits == text)
      options.maxResponseBytes = 1001
      let received = await failure { _ = try await channel.echo(text, options) }
      #expect(received == RPCError(.resourceExhausted, "a message of 1002 bytes is over the limit of 1001 bytes"))
    }
    let large = TestService(
      .unary(TestMethods.unary) { request, _ in
        Text(String(repeating: "x", count: Int(request.value) ?? 0))
      })
    var options = ChannelOptions.test()
    options.limits.maxReceivedMessageBytes = 1002
    try await withSharedMemory(large, options: options) { channel, _ in
      let fits = try await channel.echo("999")
      #expect(fits.utf8.count == 999)
      let error = await failure { _ = try await channel.echo("1000") }
      #expect(error == RPCError(.resourceExhausted, "a message of 1003 bytes is over the limit of 1002 bytes"))
    }
  }

  @Test func deadlinesAndCancellationReachTheHandler() async throws {
    let ends = Notes<Bool>()
    let service = TestService(
      .unary(TestMethods.unary) { request, context in
        try? await Task.sleep(for: .seconds(1000))
        ends.add(context.isCancelled)
        return request
      })
    try await withSharedMemory(service) { channel, _ in
      let late = await failure { _ = try await channel.echo("", .timeout(.milliseconds(30))) }
      #expect(late?.code == .deadlineExceeded)
      while ends.count < 1 { await Task.yield() }
      let task = Task { try await channel.echo("") }
      while await channel.backends.first?.callsInFlight != 1 { await Task.yield() }
      task.cancel()
      let given = await failure { _ = try await task.value }
      #expect(given?.code == .cancelled)
      while ends.count < 2 { await Task.yield() }
      #expect(ends.all == [true, true])
      while await channel.backends.first?.callsInFlight != 0 { await Task.yield() }
    }
  }

  /// A caller that does not read holds the handler back; then everything comes, in order.
  @Test func aSlowReaderHoldsTheWriterBack() async throws {
    let written = Notes<Int>()
    let part = String(repeating: "x", count: 10_000)
    let service = TestService(
      .serverStreaming(TestMethods.list) { _, responses, _ in
        for number in 0..<300 {
          try await responses.write(Text("\(number) \(part)"))
          written.add(number)
        }
      })
    try await withSharedMemory(service) { channel, _ in
      let stream = try await channel.serverStreaming(TestMethods.list, Text(""))
      var replies = stream.makeAsyncIterator()
      let first = try await replies.next()?.value
      #expect(first == "0 \(part)")
      // Another call goes through meanwhile; then the writer has had time to fill what it may.
      for _ in 0..<20 { _ = await channel.backends }
      #expect(written.count < 60)
      var count = 1
      while let reply = try await replies.next() {
        #expect(reply.value == "\(count) \(part)")
        count += 1
      }
      #expect(count == 300)
    }
  }

  @Test func twoThousandCallsAtOnce() async throws {
    try await withSharedMemory { channel, _ in
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<2000 {
          group.addTask { try await channel.echo("\(number)") == "\(number)" }
        }
        for try await isRight in group { #expect(isRight) }
      }
    }
  }

  @Test func interceptorsAndMetricsSeeTheCalls() async throws {
    struct Counting: Interceptor {
      let seen: Notes<String>
      func intercept(_ context: CallContext, next: Handler.Serve) async throws {
        seen.add(context.method.name)
        try await next(context)
      }
    }
    let seen = Notes<String>()
    let metrics = Metrics()
    try await withSharedMemory(server: {
      $0.interceptors = [Counting(seen: seen)]
      $0.metrics = metrics
    }) { channel, _ in
      _ = try await channel.echo("hello")
      let error = await failure {
        _ = try await channel.unary(TestMethods.method("Nothing", .unary), Text(""))
      }
      #expect(error == RPCError(.unimplemented, "unknown method Nothing of service test.v1.Test"))
    }
    #expect(seen.all == ["Unary"])
  }
}
