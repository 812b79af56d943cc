// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import Amaru

@Suite struct KeepaliveClockTests {
  @Test func aQuietPeerIsPingedAndGivenUp() {
    var clock = KeepaliveClock(Keepalive(interval: .milliseconds(100), timeout: .milliseconds(20)))
    let ms: UInt64 = 1_000_000
    #expect(clock.check(now: 99 * ms, received: 0, hasCalls: true) == .wait)
    #expect(clock.next(now: 99 * ms, received: 0) == 100 * ms)
    #expect(clock.check(now: 100 * ms, received: 0, hasCalls: true) == .ping)
    #expect(clock.next(now: 100 * ms, received: 0) == 120 * ms)
    #expect(clock.check(now: 119 * ms, received: 0, hasCalls: true) == .wait)
    #expect(clock.check(now: 120 * ms, received: 0, hasCalls: true) == .close)
  }

  @Test func anythingThatComesIsAnAnswer() {
    var clock = KeepaliveClock(Keepalive(interval: .milliseconds(100), timeout: .milliseconds(20)))
    let ms: UInt64 = 1_000_000
    #expect(clock.check(now: 100 * ms, received: 0, hasCalls: true) == .ping)
    #expect(clock.check(now: 120 * ms, received: 110 * ms, hasCalls: true) == .wait)
    #expect(clock.next(now: 120 * ms, received: 110 * ms) == 210 * ms)
    #expect(clock.check(now: 210 * ms, received: 110 * ms, hasCalls: true) == .ping)
  }

  @Test func withoutCallsOnlyWhereAsked() {
    let ms: UInt64 = 1_000_000
    var quiet = KeepaliveClock(Keepalive(interval: .milliseconds(100)))
    #expect(quiet.check(now: 500 * ms, received: 0, hasCalls: false) == .wait)
    #expect(quiet.next(now: 500 * ms, received: 0) == 600 * ms)
    var eager = KeepaliveClock(Keepalive(interval: .milliseconds(100), pingsWithoutCalls: true))
    #expect(eager.check(now: 500 * ms, received: 0, hasCalls: false) == .ping)
  }
}

@Suite struct ServerKeepaliveTests {
  private static let quick = Keepalive(
    interval: .milliseconds(50), timeout: .milliseconds(50), pingsWithoutCalls: true)

  @Test func aClientThatDoesNotAnswerIsDisconnected() async throws {
    try await withServer(.echo, { $0.keepalive = Self.quick }) { _, port in
      let client = try client(port)
      client.answersPings = false
      client.readToEnd()
      #expect(client.isClosed)
      #expect(client.peer.pings.count >= 1)
    }
  }

  @Test func oneThatAnswersIsPingedAgainAndServed() async throws {
    // A busy machine may need long for an answer.
    var patient = Self.quick
    patient.timeout = .seconds(10_000)
    try await withServer(.echo, { [patient] in $0.keepalive = patient }) { _, port in
      let client = try client(port)
      #expect(client.read { $0.pings.count == 3 })
      #expect(client.call("Unary", "still here").texts == ["still here"])
    }
  }

  @Test func aConnectionEndsAtItsAgeAndItsCallFinishes() async throws {
    try await withServer(.echo, { $0.maxConnectionAge = .milliseconds(100) }) { _, port in
      let client = try client(port)
      let chat = client.begin("Chat")
      client.message(chat, "before")
      #expect(client.read { $0.goAways.count == 2 })
      #expect(client.peer.goAways.last?.code == ErrorCode.noError.rawValue)
      client.message(chat, "after", end: true)
      client.readToEnd()
      #expect(client.peer[chat].texts == ["before", "after"])
      #expect(client.peer[chat].status == 0)
    }
  }

  @Test func theGraceOfAnOldConnectionEndsItsCalls() async throws {
    try await withServer(.echo) {
      $0.maxConnectionAge = .milliseconds(50)
      $0.maxConnectionAgeGrace = .milliseconds(50)
    } _: { _, port in
      let client = try client(port)
      let chat = client.begin("Chat")
      client.message(chat, "before")
      client.readToEnd()
      #expect(client.peer[chat].texts == ["before"])
      #expect(client.peer[chat].status == nil)
    }
  }

  @Test func pingsThatComeTooOftenEndTheConnection() async throws {
    try await withServer { _, port in
      let client = try client(port)
      for _ in 0..<4 { client.send(.ping()) }
      client.readToEnd()
      #expect(client.peer.goAwayText == "too_many_pings")
    }
  }

  @Test func watchersHearOfTheEndBeforeCallsAreRefused() async throws {
    try await withServer(.echo, { $0.drainDelay = .seconds(1000) }) { server, port in
      let client = try client(port)
      let watch = client.begin("/grpc.health.v1.Health/Watch")
      client.send(.data(watch, Envelope.bytes([]), end: true))
      client.read { $0[watch].messages.count == 1 }
      Task.detached { await server.shutdown() }
      client.read { $0[watch].messages.count == 2 }
      let told = client.peer[watch].messages.last.flatMap { try? HealthCheckResponse(decoding: $0) }
      #expect(told?.status == .notServing)
      #expect(client.call("Unary", "late").texts == ["late"])
      #expect(client.peer.goAways.isEmpty)
      // A second shutdown without grace does not wait.
      Task.detached { await server.shutdown(grace: .zero) }
      client.readToEnd()
    }
  }
}

@Suite struct ClientKeepaliveTests {
  @Test func aServerThatIsGoneSilentlyIsGivenUp() async throws {
    let port = FreePort.next()
    // Settings, and then nothing: as if the network dropped everything.
    _ = try FixedAnswerServer(port: port, Frame.settings().bytes, then: .keepsSilent)
    let options = ChannelOptions.test { options in
      options.keepalive = Keepalive(interval: .milliseconds(50), timeout: .milliseconds(50))
    }
    let channel = try ClientChannel(
      addresses: [.tcp(host: "127.0.0.1", port: port)], options: options)
    let error = await failure { _ = try await channel.echo("hello") }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("keepalive") == true)
    await channel.close()
  }

  @Test func aServerThatRefusesPingsIsPingedLessOften() async throws {
    let server = ServerOptions.test { options in
      options.addresses = [.unix(path: freePath())]
      options.limits.minPingInterval = .milliseconds(300)
    }
    let options = ChannelOptions.test { options in
      options.keepalive = Keepalive(interval: .milliseconds(20), timeout: .seconds(100))
    }
    try await withChannel(server: server, options: options) { channel, _ in
      // The first connections end with too_many_pings; then the interval is long enough.
      var failures = 0
      var hasLasted = false
      while !hasLasted, failures < 20 {
        let chat = try await channel.bidirectional(TestMethods.chat)
        let ended = Task { await failure { for try await _ in chat.responses {} } }
        let timer = Task {
          try await Task.sleep(for: .milliseconds(1500))
          await chat.cancel()
        }
        let error = await ended.value
        timer.cancel()
        if error?.code == .cancelled { hasLasted = true } else { failures += 1 }
      }
      #expect(hasLasted)
      #expect((1...8).contains(failures))
    }
  }

  @Test func aConnectionThatAgesIsReplacedWithoutAFailure() async throws {
    let server = ServerOptions.test { $0.maxConnectionAge = .milliseconds(20) }
    try await withChannel(server: server) { channel, _ in
      for number in 0..<300 {
        let reply = try await channel.echo("\(number)")
        #expect(reply == "\(number)")
        if number % 10 == 0 { try await Task.sleep(for: .milliseconds(5)) }
      }
    }
  }
}
