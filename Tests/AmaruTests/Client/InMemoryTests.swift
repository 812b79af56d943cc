// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Testing

@Suite struct InMemoryTests {
  @Test func allFourKindsWithoutAnAddress() async throws {
    let server = try Server([TestService.echo], options: .inMemory())
    let channel = try await server.inMemoryChannel()
    #expect(server.addresses.isEmpty)
    let reply = try await channel.echo("hello")
    #expect(reply == "hello")
    var listed: [String] = []
    for try await text in try await channel.serverStreaming(TestMethods.list, Text("a,b,c")) {
      listed.append(text.value)
    }
    #expect(listed == ["a", "b", "c"])
    let collect = try await channel.clientStreaming(TestMethods.collect)
    for text in ["x", "y"] { try await collect.write(Text(text)) }
    #expect(try await collect.finish().value == "x,y")
    let chat = try await channel.bidirectional(TestMethods.chat)
    try await chat.write(Text("1"))
    try await chat.finish()
    var replies = chat.responses.makeAsyncIterator()
    #expect(try await replies.next()?.value == "1")
    await channel.close()
    await server.shutdown()
  }

  @Test func aLargeMessagePassesBothWays() async throws {
    let server = try Server([TestService.echo], options: .inMemory())
    let channel = try await server.inMemoryChannel()
    let text = String(repeating: "x", count: 3 << 20)
    let reply = try await channel.echo(text)
    #expect(reply == text)
    await channel.close()
    await server.shutdown()
  }

  @Test func severalChannelsAndLoops() async throws {
    let server = try Server([TestService.echo], options: .inMemory { $0.loops = 2 })
    try await withThrowingTaskGroup { group in
      for number in 0..<8 {
        group.addTask {
          let channel = try await server.inMemoryChannel()
          let reply = try await channel.echo("\(number)")
          await channel.close()
          return reply
        }
      }
      var replies: Set<String> = []
      for try await reply in group { replies.insert(reply) }
      #expect(replies == Set((0..<8).map(String.init)))
    }
    await server.shutdown()
  }

  @Test func theHandlerSeesWhereTheCallComesFrom() async throws {
    let service = TestService(
      .unary(TestMethods.unary) { _, context in Text(context.peer) })
    let server = try Server([service], options: .inMemory())
    let channel = try await server.inMemoryChannel()
    var options = CallOptions()
    let info = ResponseInfo()
    options.response = info
    let peer = try await channel.echo("", options)
    #expect(peer == "inproc:")
    #expect(info.peer == "inproc:")
    await channel.close()
    await server.shutdown()
  }

  @Test func callsToAServerThatHasStoppedFail() async throws {
    let server = try Server([TestService.echo], options: .inMemory())
    let channel = try await server.inMemoryChannel(options: .test())
    let first = try await channel.echo("first")
    #expect(first == "first")
    await server.shutdown(grace: .zero)
    let error = await failure { _ = try await channel.echo("second") }
    #expect(error?.code == .unavailable)
    await channel.close()
  }

  @Test func besideARealAddress() async throws {
    try await withChannel { channel, server in
      let inMemory = try await server.inMemoryChannel()
      let first = try await channel.echo("tcp")
      let second = try await inMemory.echo("memory")
      #expect([first, second] == ["tcp", "memory"])
      await inMemory.close()
    }
  }
}

extension ServerOptions {
  fileprivate static func inMemory(
    _ configure: (inout ServerOptions) -> Void = { _ in }
  ) -> ServerOptions {
    var options = ServerOptions()
    options.logger = .none
    configure(&options)
    return options
  }
}
