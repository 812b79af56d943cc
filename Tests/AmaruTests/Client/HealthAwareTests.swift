// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Testing

/// Balancing that asks servers for their health.
@Suite struct HealthAwareTests {
  private static let json = #"{"healthCheckConfig": {"serviceName": "test.v1.Test"}}"#

  private static func options(_ balancer: any LoadBalancer = RoundRobin()) throws -> ChannelOptions {
    var options = ChannelOptions.test { $0.loadBalancer = balancer }
    options.serviceConfig = try ServiceConfig(json: json)
    return options
  }

  /// Answers with `name`.
  private static func named(_ name: String) -> TestService {
    TestService(.unary(TestMethods.unary) { _, _ in Text(name) })
  }

  @Test func aServerThatIsNotServingGetsNoCalls() async throws {
    var servers: [Server] = []
    var addresses: [SocketAddress] = []
    for name in ["a", "b"] {
      let server = try Server([Self.named(name)], options: .test())
      addresses += try await server.start()
      servers.append(server)
    }
    let channel = try ClientChannel(addresses: addresses, options: Self.options())
    var seen: Set<String> = []
    while seen.count < 2 { seen.insert(try await channel.echo("")) }

    servers[0].health?.setStatus(.notServing, for: "test.v1.Test")
    while await channel.backends[0].connectivity != .transientFailure { await Task.yield() }
    for _ in 0..<10 {
      let reply = try await channel.echo("")
      #expect(reply == "b")
    }

    servers[0].health?.setStatus(.serving, for: "test.v1.Test")
    seen = []
    while seen.count < 2 { seen.insert(try await channel.echo("")) }
    await channel.close()
    for server in servers { await server.shutdown(grace: .zero) }
  }

  @Test func withNoServerThatServesCallsFailAndSayWhy() async throws {
    let server = try Server([Self.named("a")], options: .test())
    let addresses = try await server.start()
    server.health?.setStatus(.notServing, for: "test.v1.Test")
    let channel = try ClientChannel(addresses: addresses, options: Self.options())
    let error = await failure { _ = try await channel.echo("") }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("test.v1.Test is not serving") == true)
    #expect(await channel.state == .transientFailure)

    var waiting = CallOptions()
    waiting.waitsForReady = true
    async let reply = channel.echo("", waiting)
    server.health?.setStatus(.serving, for: "test.v1.Test")
    #expect(try await reply == "a")
    await channel.close()
    await server.shutdown(grace: .zero)
  }

  @Test func aServerWithoutHealthIsTakenToBeWell() async throws {
    try await withChannel(
      Self.named("a"), server: .test { $0.servesHealth = false }, options: Self.options()
    ) { channel, _ in
      let reply = try await channel.echo("")
      #expect(reply == "a")
    }
  }

  @Test func aPolicyWithOneConnectionDoesNotAsk() async throws {
    try await withChannel(Self.named("a"), options: Self.options(PickFirst())) { channel, server in
      server.health?.setStatus(.notServing, for: "test.v1.Test")
      let reply = try await channel.echo("")
      #expect(reply == "a")
    }
  }

  @Test func askingForTheHealthIsNoLoadAndEndsWithTheChannel() async throws {
    let server = try Server([Self.named("a")], options: .test())
    let addresses = try await server.start()
    let channel = try ClientChannel(addresses: addresses, options: Self.options())
    let reply = try await channel.echo("")
    #expect(reply == "a")
    #expect(await channel.backends.map(\.callsInFlight) == [0])
    await channel.close()
    // Without a grace that is over, this ends only when no call is left.
    await server.shutdown(grace: .seconds(1000))
  }

  @Test func aServerThatDrainsLosesNoCall() async throws {
    var servers: [Server] = []
    var addresses: [SocketAddress] = []
    for name in ["a", "b"] {
      let server = try Server(
        [Self.named(name)], options: .test { $0.drainDelay = .milliseconds(100) })
      addresses += try await server.start()
      servers.append(server)
    }
    let channel = try ClientChannel(addresses: addresses, options: Self.options())
    var seen: Set<String> = []
    while seen.count < 2 { seen.insert(try await channel.echo("")) }
    let stopped = Shared(false)
    let first = servers[0]
    let stopping = Task {
      await first.shutdown()
      stopped.change { $0 = true }
    }
    while !stopped.value { _ = try await channel.echo("") }
    await stopping.value
    let reply = try await channel.echo("")
    #expect(reply == "b")
    await channel.close()
    await servers[1].shutdown(grace: .zero)
  }
}
