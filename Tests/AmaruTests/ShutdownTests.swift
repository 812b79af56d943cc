// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Glibc
import Testing

struct ShutdownTests {
  /// Waits until `condition` holds, on a thread that may block.
  private static func wait(until condition: () -> Bool) { while !condition() { sched_yield() } }

  @Test(arguments: [1, 3])
  func aRunningCallFinishesAndNewConnectionsAreRefused(_ loops: Int) async throws {
    try await withServer(.echo, { $0.loops = loops }) { server, port in
      let client = try client(port)
      let chat = client.begin("Chat")
      client.message(chat, "before")
      client.read { !$0[chat].messages.isEmpty }
      let stopped = Notes<Void>()
      Task.detached {
        await server.shutdown(grace: .seconds(1000))
        stopped.add(())
      }
      client.read { $0.goAways.count == 2 }
      #expect(client.peer.goAways == [.init(0x7fff_ffff, .noError), .init(chat, .noError)])
      Self.wait { WireClient(port: port) == nil }
      // A call that begins after the last GOAWAY is not taken; the running one goes on.
      let late = client.begin("Unary")
      client.message(late, "late", end: true)
      client.message(chat, "after", end: true)
      client.readToEnd()
      #expect(client.peer[chat].texts == ["before", "after"])
      #expect(client.peer[chat].status == 0)
      #expect(client.peer[late].blocks.isEmpty)
      Self.wait { stopped.count == 1 }
    }
  }

  @Test func aSocketThatLoopsShareRefusesNewConnectionsToo() async throws {
    let path = freePath()
    try await withServer(.echo) {
      $0.addresses = [.unix(path: path)]
      $0.loops = 3
    } _: { server, _ in
      guard let client = WireClient(path: path) else { throw NoConnection() }
      client.shakeHands()
      let chat = client.begin("Chat")
      client.message(chat, "before")
      client.read { !$0[chat].messages.isEmpty }
      Task.detached { await server.shutdown(grace: .seconds(1000)) }
      client.read { $0.goAways.count == 2 }
      Self.wait { WireClient(path: path) == nil }
      client.message(chat, "after", end: true)
      client.readToEnd()
      #expect(client.peer[chat].texts == ["before", "after"])
    }
  }

  @Test func aCallThatOutlivesTheGraceIsCancelled() async throws {
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
      },
      .unary(TestMethods.unary) { request, _ in
        seen.add("began")
        do { try await Task.sleep(for: .seconds(10_000)) } catch { seen.add("woken") }
        return request
      })
    try await withServer(service) { server, port in
      let client = try client(port)
      _ = client.begin("Collect")
      client.message(client.begin("Unary"), "x", end: true)
      Self.wait { seen.count == 2 }
      let stopped = Notes<Void>()
      Task.detached {
        await server.shutdown(grace: .milliseconds(20))
        stopped.add(())
      }
      client.readToEnd()
      Self.wait { stopped.count == 1 }
      #expect(Set(seen.all) == ["began", "true true", "woken"])
    }
  }

  @Test(arguments: [false, true])
  func aHandlerThatDoesNotHeedItsCancellationGoesOnAfterTheServer(_ isOffLoop: Bool) async throws {
    let gate = Notes<CheckedContinuation<Void, Never>>()
    let held = Notes<WeakHeld>()
    let seen = Notes<String>()
    let handler = Handler.unary(TestMethods.unary) { request, context in
      let mine = Held()
      held.add(WeakHeld(object: mine))
      await withCheckedContinuation { gate.add($0) }
      await context.sendResponseMetadata()
      seen.add("\(context.isCancelled) \(context.peer.isEmpty)")
      return withExtendedLifetime(mine) { request }
    }
    try await withServer(TestService(isOffLoop ? handler.offLoop() : handler)) { server, port in
      let client = try client(port)
      client.message(client.begin("Unary"), "x", end: true)
      Self.wait { gate.count == 1 }
      let stopped = Notes<Void>()
      Task.detached {
        await server.shutdown(grace: .zero)
        stopped.add(())
      }
      Self.wait { stopped.count == 1 }
    }
    // The server has stopped, and is free.
    #expect(seen.count == 0)
    try #require(gate.all.first).resume()
    try await onThread { Self.wait { seen.count == 1 && held.all.first?.object == nil } }
    #expect(seen.all == ["true false"])
  }

  private final class Held: Sendable {}
  private struct WeakHeld: Sendable { weak let object: Held? }

  @Test func aSecondShutdownWithoutGraceEndsTheFirst() async throws {
    let service = TestService(
      .clientStreaming(TestMethods.collect) { requests, _ in
        for try await _ in requests {}
        return Text()
      })
    try await withServer(service) { server, port in
      let client = try client(port)
      _ = client.begin("Collect")
      client.ping()
      let stopped = Notes<Void>()
      for grace in [Duration.seconds(10_000), .zero, .zero, .zero] {
        Task.detached {
          await server.shutdown(grace: grace)
          stopped.add(())
        }
        if grace > .zero { client.read { !$0.goAways.isEmpty } }
      }
      client.readToEnd()
      Self.wait { stopped.count == 4 }
    }
  }

  @Test func shutdownsThatRaceAllReturn() async throws {
    for _ in 0..<30 {
      try await withServer(.echo, { $0.loops = 2 }) { server, port in
        let client = try client(port)
        #expect(client.call("Unary", "x").texts == ["x"])
        let stopped = Notes<Void>()
        for _ in 0..<4 {
          Task.detached {
            await server.shutdown(grace: .zero)
            stopped.add(())
          }
        }
        Self.wait { stopped.count == 4 }
      }
    }
  }

  @Test func aConnectionThatHasSaidNothingDoesNotHoldUpTheServer() async throws {
    try await withServer { server, port in
      let clients = try (0..<10).map { number in
        guard let client = WireClient(port: port) else { throw NoConnection() }
        if number % 2 == 0 { client.send(Array(Frame.preface.prefix(number))) }
        return client
      }
      let stopped = Notes<Void>()
      Task.detached {
        await server.shutdown(grace: .seconds(10_000))
        stopped.add(())
      }
      for client in clients { client.readToEnd() }
      Self.wait { stopped.count == 1 }
    }
  }

  @Test func offLoopHandlersThatAreCancelledEndBeforeTheServerHasStopped() async throws {
    let seen = Notes<String>()
    let service = TestService(
      Handler.unary(TestMethods.unary) { request, context in
        seen.add("began")
        while !context.isCancelled { sched_yield() }
        seen.add("saw it")
        return request
      }.offLoop())
    try await withServer(service) { server, port in
      let client = try client(port)
      client.message(client.begin("Unary"), "x", end: true)
      Self.wait { seen.count == 1 }
      let stopped = Notes<Void>()
      Task.detached {
        await server.shutdown(grace: .zero)
        stopped.add(())
      }
      Self.wait { stopped.count == 1 }
      #expect(seen.all == ["began", "saw it"])
    }
  }
}
