// SPDX-License-Identifier: Apache-2.0
import AmaruIO
import AmaruTestSupport
import Synchronization
import Testing

@testable import Amaru

/// Calls that a server cannot have seen, because its connection went away first: they are made again elsewhere.
@Suite struct UnsentCallTests {
  /// A channel whose first connection is to `wire`, and whose later ones are to `server`.
  private static func channel(_ server: Server) throws -> (ClientChannel, WireClient) {
    let (near, far) = try StreamSocket.pair()
    let first = Mutex<Int32?>(near)
    let target = ChannelTarget { loop throws(IOError) in
      if let near = first.withLock({ $0.take() }) {
        return StreamSocket(descriptor: near, loop: loop)
      }
      let (near, far) = try StreamSocket.pair()
      server.accept(far)
      return StreamSocket(descriptor: near, loop: loop)
    }
    let channel = try ClientChannel(target, .test { $0.maxConnectionsPerAddress = 1 })
    return (channel, WireClient(accepted: far))
  }

  private static func goAway(_ lastStream: UInt32) -> Frame {
    let code = ErrorCode.enhanceYourCalm.rawValue.bigEndianBytes
    return Frame(.goAway, lastStream.bigEndianBytes + code + Array("too_many_pings".utf8))
  }

  /// One stream at a time: the second call waits inside HTTP/2 when the connection goes away.
  @Test(arguments: [true, false])
  func aCallWhoseHeadHasNotLeftIsMadeAgain(_ saysGoAway: Bool) async throws {
    let server = try Server([TestService.echo], options: .test())
    try server.startInMemory()
    let (channel, wire) = try Self.channel(server)
    wire.send(Frame.settings([(Setting.maxConcurrentStreams, UInt32(1))]))
    let chat = try await channel.bidirectional(TestMethods.chat)
    async let reply = channel.echo("again")
    while await channel.backends.first?.callsInFlight != 2 { await Task.yield() }
    if saysGoAway {
      wire.send(Self.goAway(1))
      #expect(try await reply == "again")
      // The call that the server has seen goes on, until the connection is closed.
      wire.close()
    } else {
      wire.close()
      #expect(try await reply == "again")
    }
    let error = await failure { for try await _ in chat.responses {} }
    #expect(error == RPCError(.unavailable, "the connection was lost"))
    await channel.close()
    await server.shutdown(grace: .zero)
  }

  /// The server has said that it takes no more and is gone, and the client has not read that yet when it sends.
  @Test func aGoAwayThatIsThereWhenSendingFailsIsHeeded() async throws {
    let server = try Server([TestService.echo], options: .test())
    try server.startInMemory()
    let (channel, wire) = try Self.channel(server)
    wire.send(.settings())
    await channel.connect()
    while await channel.state != .ready { await Task.yield() }
    let reply = try await channel.onLoop {
      // The loop reads nothing until this call is sent.
      wire.send(Self.goAway(0))
      wire.close()
      return try await channel.echo("again")
    }
    #expect(reply == "again")
    await channel.close()
    await server.shutdown(grace: .zero)
  }

  /// What is too long for HTTP/2 here ends its call, and neither the connection nor the calls beside it.
  @Test(arguments: [60_000, 70_000, 1_000_000])
  func metadataTooLongToBeSentEndsItsCall(_ bytes: Int) async throws {
    let server = ServerOptions.test { $0.limits.maxHeaderListBytes = 1 << 20 }
    try await withChannel(server: server) { channel, _ in
      let chat = try await channel.bidirectional(TestMethods.chat)
      var options = CallOptions()
      try options.metadata.add("large", String(repeating: "x", count: bytes))
      let error = await failure { [options] in _ = try await channel.echo("", options) }
      if bytes < 65_536 {
        #expect(error == nil)
      } else {
        #expect(
          error
            == RPCError(
              .resourceExhausted, "the call's metadata is longer than the 64 KiB that can be sent"))
      }
      try await chat.write(Text("still here"))
      try await chat.finish()
      var replies = chat.responses.makeAsyncIterator()
      #expect(try await replies.next()?.value == "still here")
    }
  }
}
