// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Testing

/// How a channel connects, balances and recovers.
@Suite struct ClientConnectionTests {
  private static let quick = Backoff(initial: .milliseconds(20), maximum: .milliseconds(100))

  /// A server that says its name, on `port`.
  private static func server(_ name: String, port: UInt16) async throws -> Server {
    var options = ServerOptions()
    options.addresses = [.tcp(host: "127.0.0.1", port: port)]
    options.logger = .none
    let server = try Server(
      [TestService(.unary(TestMethods.unary) { _, _ in Text(name) })], options: options)
    try await server.start()
    return server
  }

  @Test func nobodyThereIsUnavailableAndSaysWhere() async throws {
    let port = FreePort.next()
    var options = ChannelOptions()
    options.backoff = Backoff(initial: .seconds(1000), maximum: .seconds(1000))
    let channel = try ClientChannel("127.0.0.1:\(port)", options: options)
    let error = await failure { _ = try await channel.echo("") }
    #expect(error?.code == .unavailable)
    #expect(
      error?.message == "cannot connect to ipv4:127.0.0.1:\(port): Connection refused")
    #expect(await channel.state == .transientFailure)
    await channel.close()
  }

  @Test func aNameThatIsNotThereIsUnavailable() async throws {
    let channel = try ClientChannel("dns:///no-such-host.invalid:50051")
    let error = await failure { _ = try await channel.echo("") }
    #expect(error?.code == .unavailable)
    #expect(error?.message.hasPrefix("cannot find the host no-such-host.invalid") == true)
    await channel.close()
  }

  @Test func waitForReadyWaitsForTheServer() async throws {
    let port = FreePort.next()
    var options = ChannelOptions()
    options.backoff = Self.quick
    let channel = try ClientChannel("127.0.0.1:\(port)", options: options)
    var call = CallOptions()
    call.waitsForReady = true
    async let reply = channel.echo("", call)
    try await Task.sleep(for: .milliseconds(100))
    let server = try await Self.server("late", port: port)
    #expect(try await reply == "late")
    await channel.close()
    await server.shutdown(grace: .zero)
  }

  @Test func waitForReadyEndsWithTheDeadline() async throws {
    let channel = try ClientChannel("127.0.0.1:\(FreePort.next())")
    var call = CallOptions.timeout(.seconds(2))
    call.waitsForReady = true
    let error = await failure { _ = try await channel.echo("", call) }
    #expect(error?.code == .deadlineExceeded)
    #expect(error?.message.contains("Connection refused") == true)
    await channel.close()
  }

  @Test func aServerThatCameBackIsUsedAgain() async throws {
    let port = FreePort.next()
    var options = ChannelOptions()
    options.backoff = Self.quick
    let channel = try ClientChannel("127.0.0.1:\(port)", options: options)
    let first = try await Self.server("first", port: port)
    let reply1 = try await channel.echo("")
    #expect(reply1 == "first")
    await first.shutdown(grace: .zero)
    let second = try await Self.server("second", port: port)
    var call = CallOptions.timeout(.seconds(300))
    call.waitsForReady = true
    let reply2 = try await channel.echo("", call)
    #expect(reply2 == "second")
    await channel.close()
    await second.shutdown(grace: .zero)
  }

  @Test func roundRobinGoesToEveryServer() async throws {
    let ports = (0..<3).map { _ in FreePort.next() }
    var servers: [Server] = []
    for port in ports { servers.append(try await Self.server("\(port)", port: port)) }
    var options = ChannelOptions()
    options.loadBalancer = RoundRobin()
    let list = ports.map { "127.0.0.1:\($0)" }.joined(separator: ",")
    let channel = try ClientChannel("ipv4:\(list)", options: options)
    var counts: [String: Int] = [:]
    // Until all three are connected the first take the calls.
    for _ in 0..<200 where counts.count < 3 {
      counts[try await channel.echo(""), default: 0] += 1
      try await Task.sleep(for: .milliseconds(5))
    }
    counts = [:]
    for _ in 0..<30 { counts[try await channel.echo(""), default: 0] += 1 }
    #expect(counts == Dictionary(uniqueKeysWithValues: ports.map { ("\($0)", 10) }))
    await channel.close()
    for server in servers { await server.shutdown(grace: .zero) }
  }

  @Test func pickFirstGoesOnToTheNextAddress() async throws {
    let port = FreePort.next()
    let server = try await Self.server("there", port: port)
    let channel = try ClientChannel("ipv4:127.0.0.1:\(FreePort.next()),127.0.0.1:\(port)")
    let reply3 = try await channel.echo("")
    #expect(reply3 == "there")
    await channel.close()
    await server.shutdown(grace: .zero)
  }

  @Test func aFullConnectionGetsACompanion() async throws {
    let service = TestService(
      .unary(TestMethods.unary) { _, context in
        try await Task.sleep(for: .milliseconds(100))
        return Text(context.peer)
      })
    try await withChannel(service, server: .test { $0.limits.maxConcurrentStreams = 2 }) { channel, _ in
      _ = try await channel.echo("")
      let peers = try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 0..<6 { group.addTask { try await channel.echo("") } }
        return try await group.reduce(into: Set<String>()) { $0.insert($1) }
      }
      #expect(peers.count > 1)
    }
  }

  @Test func anIdleConnectionIsClosedAndMadeAgain() async throws {
    let service = TestService(
      .unary(TestMethods.unary) { _, context in Text(context.peer) })
    try await withChannel(service, options: .test { $0.idleTimeout = .milliseconds(40) }) { channel, _ in
      let first = try await channel.echo("")
      for _ in 0..<400 where await channel.state != .idle {
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(await channel.state == .idle)
      let reply4 = try await channel.echo("")
      #expect(reply4 != first)
    }
  }

  @Test func aServerOfAnotherProtocolIsUnavailable() async throws {
    let port = FreePort.next()
    _ = try FixedAnswerServer(
      port: port, Array("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".utf8))
    let channel = try ClientChannel("127.0.0.1:\(port)")
    let error = await failure { _ = try await channel.echo("", .timeout(.seconds(300))) }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("does it speak gRPC?") == true)
    await channel.close()
  }

  @Test(
    arguments: [
      ("", "a host name is missing"), ("host:", "is not a port"), ("host:0", "is not a port"),
      ("host:65536", "is not a port"), ("::1", "in brackets"), ("[::1", "a ] is missing"),
      ("dns://8.8.8.8/host", "cannot be chosen"), ("ipv4:localhost:1", "cannot find"),
      ("ipv6:1.2.3.4:5", "not an ipv6 address"), ("unix:", "unix:path"),
      ("unix://relative", "absolute"), ("a b:1", "malformed"),
    ])
  func aTargetThatCannotBeUsedSaysWhy(_ target: String, _ reason: String) async {
    let error = await failure { _ = try ClientChannel(target) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }
}
