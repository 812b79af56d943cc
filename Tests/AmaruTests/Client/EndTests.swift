// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Synchronization
import Testing

/// How calls end before their time.
@Suite struct ClientEndTests {
  /// A service whose unary method waits until it is cancelled.
  private static func hanging(_ cancelled: Flag, started: Flag = Flag()) -> TestService {
    TestService(
      .unary(TestMethods.unary) { request, _ in
        started.set()
        do {
          try await Task.sleep(for: .seconds(10_000))
        } catch {
          cancelled.set()
          throw error
        }
        return request
      },
      .bidirectional(TestMethods.chat) { requests, responses, context in
        do {
          for try await request in requests { try await responses.write(request) }
        } catch {
          cancelled.set()
          throw error
        }
      })
  }

  @Test func theDeadlineEndsTheCallAtBothEnds() async throws {
    let cancelled = Flag()
    let started = Flag()
    try await withChannel(Self.hanging(cancelled, started: started)) { channel, _ in
      let error = await failure { _ = try await channel.echo("", .timeout(.milliseconds(50))) }
      #expect(error?.code == .deadlineExceeded)
      // A handler that was too late to begin is not cancelled.
      if started.isRaised { await cancelled.wait() }
    }
  }

  @Test func aDeadlineThatHasPassedIsNotSent() async throws {
    try await withChannel { channel, _ in
      let error = await failure { _ = try await channel.echo("", .timeout(.zero)) }
      #expect(error?.code == .deadlineExceeded)
    }
  }

  @Test func cancellingTheTaskCancelsTheHandler() async throws {
    let cancelled = Flag()
    let started = Flag()
    try await withChannel(Self.hanging(cancelled, started: started)) { channel, _ in
      let task = Task { try await channel.echo("") }
      await started.wait()
      task.cancel()
      let error = await failure { _ = try await task.value }
      #expect(error?.code == .cancelled)
      await cancelled.wait()
    }
  }

  @Test func lettingAStreamGoCancelsTheHandler() async throws {
    let cancelled = Flag()
    try await withChannel(Self.hanging(cancelled)) { channel, _ in
      do {
        let chat = try await channel.bidirectional(TestMethods.chat)
        try await chat.write(Text("one"))
        for try await text in chat.responses {
          #expect(text.value == "one")
          break
        }
      }
      await cancelled.wait()
    }
  }

  @Test func cancellingAStreamThrowsToItsReader() async throws {
    let cancelled = Flag()
    try await withChannel(Self.hanging(cancelled)) { channel, _ in
      let chat = try await channel.bidirectional(TestMethods.chat)
      let reader = Task {
        for try await _ in chat.responses {}
      }
      try await Task.sleep(for: .milliseconds(30))
      await chat.cancel()
      let error = await failure { try await reader.value }
      #expect(error?.code == .cancelled)
      await cancelled.wait()
    }
  }

  @Test func aWriterHearsWhatTheServerSaid() async throws {
    let service = TestService(
      .clientStreaming(TestMethods.collect) { _, _ in
        throw RPCError(.permissionDenied, "not you")
      })
    try await withChannel(service) { channel, _ in
      let collect = try await channel.clientStreaming(TestMethods.collect)
      let error = await failure {
        while true {
          try await collect.write(Text("more"))
          try await Task.sleep(for: .milliseconds(1))
        }
      }
      #expect(error?.code == .permissionDenied)
      #expect(error?.message == "not you")
    }
  }

  @Test func aHandlersDeadlineTravelsOn() async throws {
    try await withChannel { inner, _ in
      let service = TestService(
        .unary(TestMethods.unary) { request, context in
          let hop = TestService(
            .unary(TestMethods.unary) { _, context in
              Text(context.deadline == nil ? "none" : "some")
            })
          let server = try Server([hop], options: .test())
          let addresses = try await server.start()
          let channel = try ClientChannel(addresses: addresses)
          let reply = try await channel.echo(request.value)
          await channel.close()
          await server.shutdown(grace: .zero)
          return Text(reply)
        })
      try await withChannel(service) { channel, _ in
        let reply1 = try await channel.echo("", .timeout(.seconds(300)))
        #expect(reply1 == "some")
        let reply2 = try await channel.echo("")
        #expect(reply2 == "none")
      }
      #expect(try await inner.echo("x") == "x")
    }
  }

  @Test func aClosedChannelTakesNoCalls() async throws {
    try await withChannel { channel, _ in
      let reply3 = try await channel.echo("a")
      #expect(reply3 == "a")
      await channel.close()
      let error = await failure { _ = try await channel.echo("b") }
      #expect(error?.code == .unavailable)
      #expect(await channel.state == .shutdown)
    }
  }
}

/// Something that happens once, and that others wait for.
final class Flag: Sendable {
  private let isSet = Atomic(false)

  var isRaised: Bool { isSet.load(ordering: .acquiring) }

  func set() { isSet.store(true, ordering: .releasing) }

  /// Waits for it, at most 100 seconds.
  func wait() async {
    for _ in 0..<10_000 where !isSet.load(ordering: .acquiring) {
      try? await Task.sleep(for: .milliseconds(10))
    }
    let wasSet = isSet.load(ordering: .acquiring)
    #expect(wasSet)
  }
}
