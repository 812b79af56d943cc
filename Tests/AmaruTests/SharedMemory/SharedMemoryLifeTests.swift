// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Testing

@Suite struct SharedMemoryLifeTests {
  @Test func nobodyListens() async throws {
    let name = freeName()
    let error = await failure { _ = try await ClientChannel.sharedMemory(name) }
    #expect(
      error
        == RPCError(
          .unavailable,
          "no process of this user listens as \"\(name)\" on shared memory; start the service first"
        ))
    let invalid = await failure { _ = try await ClientChannel.sharedMemory("a/b") }
    #expect(invalid?.code == .invalidArgument)
  }

  @Test func aCallWaitsForAServer() async throws {
    let name = freeName()
    let channel = try ClientChannel("shm:\(name)", options: .test())
    var options = CallOptions()
    options.waitsForReady = true
    let call = Task { [options] in try await channel.echo("hello", options) }
    while await channel.state != .transientFailure { await Task.yield() }
    let server = try Server(
      [TestService.echo], options: .test { $0.addresses = [.sharedMemory(name)] })
    try await server.start()
    let reply = try await call.value
    #expect(reply == "hello")
    await channel.close()
    await server.shutdown(grace: .zero)
  }

  @Test func aNameThatIsTakenIsNamed() async throws {
    let name = freeName()
    let options = ServerOptions.test { $0.addresses = [.sharedMemory(name)] }
    let first = try Server([TestService.echo], options: options)
    try await first.start()
    let second = try Server([TestService.echo], options: options)
    await #expect {
      try await second.start()
    } throws: { error in
      "\(error)"
        == "cannot listen on shm:\(name): another process listens as \"\(name)\" on shared memory already"
    }
    await first.shutdown(grace: .zero)
    // The name is free again.
    let third = try Server([TestService.echo], options: options)
    try await third.start()
    await third.shutdown(grace: .zero)
  }

  @Test(arguments: [1, 2]) func aRunningCallFinishesAndNewOnesAreRefused(_ loops: Int) async throws {
    try await withSharedMemory(server: { $0.loops = loops }) { channel, server in
      let chat = try await channel.bidirectional(TestMethods.chat)
      var replies = chat.responses.makeAsyncIterator()
      try await chat.write(Text("before"))
      let before = try await replies.next()?.value
      #expect(before == "before")
      let stopped = Notes<Void>()
      Task {
        await server.shutdown(grace: .seconds(1000))
        stopped.add(())
      }
      var refusal: RPCError?
      repeat {
        refusal = await failure { _ = try await channel.echo("late") }
      } while refusal == nil
      #expect(refusal == RPCError(.unavailable, "the server is shutting down"))
      try await chat.write(Text("after"))
      let after = try await replies.next()?.value
      #expect(after == "after")
      try await chat.finish()
      let end = try await replies.next()
      #expect(end == nil)
      while stopped.count == 0 { await Task.yield() }
      let gone = await failure { _ = try await channel.echo("gone") }
      #expect(gone?.code == .unavailable)
    }
  }

  @Test func callsFailWhenTheServerStopsAtOnce() async throws {
    let service = TestService(
      .unary(TestMethods.unary) { request, _ in
        try await Task.sleep(for: .seconds(1000))
        return request
      })
    try await withSharedMemory(service) { channel, server in
      let call = Task { try await channel.echo("") }
      while await channel.backends.first?.callsInFlight != 1 { await Task.yield() }
      await server.shutdown(grace: .zero)
      let error = await failure { _ = try await call.value }
      #expect(error?.code == .unavailable)
    }
  }

  @Test func aChannelThatIsClosedLetsItsCallsFinish() async throws {
    try await withSharedMemory { channel, _ in
      let chat = try await channel.bidirectional(TestMethods.chat)
      var replies = chat.responses.makeAsyncIterator()
      try await chat.write(Text("one"))
      _ = try await replies.next()
      let closed = Notes<Void>()
      Task {
        await channel.close()
        closed.add(())
      }
      while await channel.state != .shutdown { await Task.yield() }
      try await chat.write(Text("two"))
      let two = try await replies.next()?.value
      #expect(two == "two")
      try await chat.finish()
      let end = try await replies.next()
      #expect(end == nil)
      while closed.count == 0 { await Task.yield() }
      let error = await failure { _ = try await channel.echo("") }
      #expect(error == RPCError(.unavailable, "the channel was closed"))
    }
  }
}
