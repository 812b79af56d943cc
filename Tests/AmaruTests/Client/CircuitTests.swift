// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import Amaru

/// The circuit of one server, by hand.
@Suite struct CircuitTests {
  private static let second: UInt64 = 1_000_000_000
  private static let failed = RPCError(.unavailable)

  private static func breaker(_ configure: (inout CircuitBreaker) -> Void = { _ in }) -> CircuitBreaker {
    var breaker = CircuitBreaker()
    breaker.minimumCalls = 4
    breaker.trialCalls = 2
    configure(&breaker)
    return breaker
  }

  /// Makes a call that ends with `error` at once; gives whether it passed.
  @discardableResult
  private func call(_ circuit: inout Circuit, _ error: RPCError?, at now: UInt64) -> Bool {
    guard circuit.refusal(now: now) == nil else { return false }
    let pass = circuit.began()
    circuit.ended(pass, error, now: now)
    return true
  }

  @Test func theRateOpensItAtTheMinimumAndNotBefore() {
    var circuit = Circuit(Self.breaker())
    for error in [Self.failed, nil, Self.failed] { call(&circuit, error, at: 0) }
    #expect(circuit.state == .closed)
    call(&circuit, Self.failed, at: 0)
    #expect(circuit.state == .open)
    #expect(!call(&circuit, nil, at: 5 * Self.second - 1))
    #expect(circuit.refusal(now: 2 * Self.second)?.contains("another 3000 ms") == true)
  }

  @Test func lessThanTheRateDoesNotOpenIt() {
    var circuit = Circuit(Self.breaker())
    for _ in 0..<100 {
      call(&circuit, nil, at: 0)
      call(&circuit, nil, at: 0)
      call(&circuit, Self.failed, at: 0)
    }
    #expect(circuit.state == .closed)
  }

  @Test func oldCallsDoNotCount() {
    var circuit = Circuit(Self.breaker())
    for _ in 0..<3 { call(&circuit, Self.failed, at: 0) }
    call(&circuit, Self.failed, at: 10 * Self.second)
    #expect(circuit.state == .closed)
  }

  @Test func errorsOfTheCallerDoNotCount() {
    var circuit = Circuit(Self.breaker())
    for code in [StatusCode.notFound, .invalidArgument, .cancelled, .unauthenticated] {
      for _ in 0..<10 { call(&circuit, RPCError(code), at: 0) }
    }
    #expect(circuit.state == .closed)
  }

  @Test func trialsCloseIt() {
    var circuit = Circuit(Self.breaker())
    for _ in 0..<4 { call(&circuit, Self.failed, at: 0) }
    let later = 5 * Self.second
    #expect(circuit.refusal(now: later) == nil)
    let first = circuit.began()
    #expect(circuit.state == .halfOpen)
    #expect(circuit.refusal(now: later) == nil)
    let second = circuit.began()
    #expect(circuit.refusal(now: later) != nil)
    circuit.ended(first, nil, now: later)
    #expect(circuit.state == .halfOpen)
    circuit.ended(second, nil, now: later)
    #expect(circuit.state == .closed)
    // The failures before are forgotten.
    call(&circuit, Self.failed, at: later)
    #expect(circuit.state == .closed)
  }

  @Test func aTrialThatFailsOpensItAgain() {
    var circuit = Circuit(Self.breaker())
    for _ in 0..<4 { call(&circuit, Self.failed, at: 0) }
    #expect(call(&circuit, Self.failed, at: 5 * Self.second))
    #expect(circuit.state == .open)
    #expect(!call(&circuit, nil, at: 10 * Self.second - 1))
    #expect(call(&circuit, nil, at: 10 * Self.second))
  }

  @Test func aTrialThatIsGivenUpMakesRoomForAnother() {
    var circuit = Circuit(Self.breaker { $0.trialCalls = 1 })
    for _ in 0..<4 { call(&circuit, Self.failed, at: 0) }
    #expect(call(&circuit, RPCError(.cancelled), at: 5 * Self.second))
    #expect(circuit.state == .halfOpen)
    #expect(call(&circuit, nil, at: 5 * Self.second))
    #expect(circuit.state == .closed)
  }

  @Test func callsFromBeforeDoNotCountAsTrials() {
    var circuit = Circuit(Self.breaker())
    let slow = circuit.began()
    for _ in 0..<4 { call(&circuit, Self.failed, at: 0) }
    #expect(circuit.refusal(now: 5 * Self.second) == nil)
    circuit.ended(slow, Self.failed, now: 5 * Self.second)
    #expect(circuit.state == .halfOpen)
  }

  @Test func oneCallMoreThanTheLimitAtOnceIsRefused() {
    var circuit = Circuit(Self.breaker { $0.maxConcurrentCalls = 2 })
    let first = circuit.began()
    #expect(circuit.refusal(now: 0) == nil)
    _ = circuit.began()
    #expect(circuit.refusal(now: 0)?.contains("2 calls") == true)
    circuit.ended(first, nil, now: 0)
    #expect(circuit.refusal(now: 0) == nil)
  }
}

/// The circuit breaker of a real channel.
@Suite struct CircuitBreakerTests {
  private static func options() -> ChannelOptions {
    .test { options in
      var breaker = CircuitBreaker()
      breaker.minimumCalls = 3
      breaker.trialCalls = 1
      breaker.openTime = .seconds(1000)
      breaker.window = .seconds(1000)
      options.circuitBreaker = breaker
    }
  }

  /// Fails while `fails` is set.
  private static func service(_ fails: Shared<Bool>, _ count: Shared<Int>) -> TestService {
    TestService(
      .unary(TestMethods.unary) { request, _ in
        count.change { $0 += 1 }
        if fails.value { throw RPCError(.internal, "broken") }
        return request
      })
  }

  @Test func anOpenCircuitKeepsCallsFromTheServer() async throws {
    let count = Shared(0)
    try await withChannel(Self.service(Shared(true), count), options: Self.options()) {
      channel, _ in
      for _ in 0..<3 { _ = await failure { _ = try await channel.echo("") } }
      let error = await failure { _ = try await channel.echo("") }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("circuit is open") == true)
      #expect(count.value == 3)
      #expect(await channel.backends.map(\.circuit) == [.open])
    }
  }

  @Test func itClosesAgainWhenTheServerIsWell() async throws {
    let count = Shared(0)
    let fails = Shared(true)
    var options = Self.options()
    options.circuitBreaker?.openTime = .zero
    try await withChannel(Self.service(fails, count), options: options) { channel, _ in
      for _ in 0..<3 { _ = await failure { _ = try await channel.echo("") } }
      #expect(await channel.backends.map(\.circuit) == [.open])
      fails.change { $0 = false }
      let reply = try await channel.echo("well")
      #expect(reply == "well")
      #expect(await channel.backends.map(\.circuit) == [.closed])
    }
  }

  @Test func otherServersTakeTheCalls() async throws {
    let counts = [Shared(0), Shared(0)]
    var addresses: [SocketAddress] = []
    var servers: [Server] = []
    for (count, fails) in zip(counts, [true, false]) {
      let server = try Server([Self.service(Shared(fails), count)], options: .test())
      addresses += try await server.start()
      servers.append(server)
    }
    var options = Self.options()
    options.loadBalancer = RoundRobin()
    let channel = try ClientChannel(addresses: addresses, options: options)
    // Both connections are there.
    var failures = 0
    while failures < 3 {
      if await failure({ _ = try await channel.echo("") }) != nil { failures += 1 }
    }
    for _ in 0..<20 {
      let reply = try await channel.echo("fine")
      #expect(reply == "fine")
    }
    #expect(counts[0].value == 3)
    await channel.close()
    for server in servers { await server.shutdown(grace: .zero) }
  }

  @Test func aLimitOfCallsAtOnce() async throws {
    var options = Self.options()
    options.circuitBreaker?.maxConcurrentCalls = 1
    try await withChannel(options: options) { channel, _ in
      let chat = try await channel.bidirectional(TestMethods.chat)
      let error = await failure { _ = try await channel.echo("") }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("limit") == true)
      try await chat.finish()
      for try await _ in chat.responses {}
      let reply = try await channel.echo("room")
      #expect(reply == "room")
    }
  }
}
