// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Testing

@Suite struct ClientCallTests {
  @Test func allFourKinds() async throws {
    try await withChannel { channel, _ in
      let reply1 = try await channel.echo("hello")
      #expect(reply1 == "hello")

      var listed: [String] = []
      for try await text in try await channel.serverStreaming(TestMethods.list, Text("a,b,c")) {
        listed.append(text.value)
      }
      #expect(listed == ["a", "b", "c"])

      let collect = try await channel.clientStreaming(TestMethods.collect)
      for text in ["x", "y", "z"] { try await collect.write(Text(text)) }
      #expect(try await collect.finish().value == "x,y,z")

      let chat = try await channel.bidirectional(TestMethods.chat)
      var replies = chat.responses.makeAsyncIterator()
      for text in ["1", "2", "3"] {
        try await chat.write(Text(text))
        #expect(try await replies.next()?.value == text)
      }
      try await chat.finish()
      #expect(try await replies.next() == nil)
    }
  }

  @Test func aUnixSocket() async throws {
    let path = freePath()
    try await withChannel(server: .test { $0.addresses = [.unix(path: path)] }) { _, _ in
      let channel = try ClientChannel("unix:\(path)")
      let reply2 = try await channel.echo("hello")
      #expect(reply2 == "hello")
      await channel.close()
    }
  }

  @Test func anErrorComesWithDetailsAndMetadata() async throws {
    let service = TestService(
      .unary(TestMethods.unary) { _, context in
        var trailers = Metadata()
        try trailers.add("what", "trailer")
        context.trailers = trailers
        throw RPCError(
          .failedPrecondition, "100% wrong: é\n",
          details: [
            Google_Protobuf_Any(
              packing: Google_Rpc_ErrorInfo.with {
                $0.reason = "BECAUSE"
                $0.domain = "test"
              })
          ])
      })
    try await withChannel(service) { channel, _ in
      let error = await failure { _ = try await channel.echo("") }
      #expect(error?.code == .failedPrecondition)
      #expect(error?.message == "100% wrong: é\n")
      let detail = try error?.detail(Google_Rpc_ErrorInfo.self)
      #expect(detail?.reason == "BECAUSE")
      #expect(error?.metadata.text("what") == "trailer")
    }
  }

  @Test func metadataGoesBothWays() async throws {
    let service = TestService(
      .unary(TestMethods.unary) { _, context in
        var head = Metadata()
        try head.add("echo", context.metadata.text("key") ?? "none")
        try head.add("echo-bin", context.metadata.binary("key-bin") ?? [])
        context.responseMetadata = head
        var trailers = Metadata()
        try trailers.add("last", "yes")
        context.trailers = trailers
        return Text(context.peer)
      })
    try await withChannel(service) { channel, _ in
      var options = CallOptions()
      try options.metadata.add("key", "value")
      try options.metadata.add("key-bin", [0, 255, 10])
      options.response = ResponseInfo()
      _ = try await channel.echo("", options)
      #expect(options.response?.metadata.text("echo") == "value")
      #expect(options.response?.metadata.binary("echo-bin") == [0, 255, 10])
      #expect(options.response?.trailers.text("last") == "yes")
      #expect(options.response?.peer.hasPrefix("ipv4:127.0.0.1:") == true)
    }
  }

  @Test(arguments: [ContentCoding.gzip, .deflate])
  func compressedMessagesGoBothWays(_ coding: ContentCoding) async throws {
    let service = TestService(
      .unary(TestMethods.unary) { request, context in
        context.compressesResponses = true
        return Text("\(context.requestWasCompressed) \(request.value)")
      })
    try await withChannel(service) { channel, _ in
      var options = CallOptions()
      options.compression = coding
      let text = String(repeating: "compress me ", count: 1000)
      let reply3 = try await channel.echo(text, options)
      #expect(reply3 == "true " + text)
    }
  }

  /// The limit, and one byte more.
  @Test func aResponseOverTheLimitIsRefused() async throws {
    try await withChannel { channel, _ in
      var options = CallOptions()
      options.maxResponseBytes = 1002
      // Two bytes are the field's own.
      let text = String(repeating: "x", count: 999)
      let reply4 = try await channel.echo(text, options)
      #expect(reply4 == text)
      let error = await failure { _ = try await channel.echo(text + "x", options) }
      #expect(error?.code == .resourceExhausted)
      #expect(error?.message == "a message of 1003 bytes is over the limit of 1002 bytes")
      let reply5 = try await channel.echo("next")
      #expect(reply5 == "next")
    }
  }

  @Test func aLargeMessageGoesThroughManyWindows() async throws {
    try await withChannel { channel, _ in
      let text = String(repeating: "0123456789abcdef", count: 200_000)
      let reply6 = try await channel.echo(text)
      #expect(reply6 == text)
    }
  }

  @Test func aMethodThatIsNotThereIsUnimplemented() async throws {
    try await withChannel { channel, _ in
      let method = TestMethods.method("Nothing", .unary)
      let error = await failure { _ = try await channel.unary(method, Text("")) }
      #expect(error?.code == .unimplemented)
    }
  }

  @Test func aHundredCallsAtOnce() async throws {
    try await withChannel { channel, _ in
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<100 {
          group.addTask { try await channel.echo("\(number)") == "\(number)" }
        }
        for try await isRight in group { #expect(isRight) }
      }
    }
  }

  @Test func callsOnTheChannelsLoop() async throws {
    try await withChannel { channel, _ in
      let sum = try await channel.onLoop {
        var sum = 0
        for number in 1...100 { sum += Int(try await channel.echo("\(number)")) ?? 0 }
        return sum
      }
      #expect(sum == 5050)
    }
  }
}
