// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Testing

private struct AddArgs: Codable, Equatable {
  var a: Int
  var b: Int
}

@Suite struct RPCClientTests {
  /// Serves `endpoint` while `body` runs with a client of it.
  private static func withClient(
    _ endpoint: RPCEndpoint, options: ChannelOptions = .test(),
    _ body: (RPCClient) async throws -> Void
  ) async throws {
    let name = freeName()
    let server = try Server([endpoint], options: .test { $0.addresses = [.sharedMemory(name)] })
    try await server.start()
    let client = try await RPCClient.connect(name, options: options)
    do {
      try await body(client)
    } catch {
      await client.close()
      await server.shutdown(grace: .zero)
      throw error
    }
    await client.close()
    await server.shutdown(grace: .zero)
  }

  private static var calculator: RPCEndpoint {
    var endpoint = RPCEndpoint()
    endpoint.register("add") { (args: AddArgs) in args.a + args.b }
    endpoint.register("square") { (number: Int) in number * number }
    endpoint.register("ping") { "pong" }
    endpoint.register("peer") { (_: Int?, context: CallContext) in context.peer }
    endpoint.register("sleep") { (seconds: Double) in
      try await Task.sleep(for: .seconds(seconds))
      return seconds
    }
    endpoint.register("divide") { (args: AddArgs) in
      guard args.b != 0 else {
        throw RPCError(
          .unknown, "division by zero",
          attaching: Google_Rpc_ErrorInfo.with {
            $0.reason = "ZeroDivisionError"
            $0.domain = "python"
          },
          Google_Rpc_DebugInfo.with { $0.stackEntries = ["line 1", "line 2"] })
      }
      return args.a / args.b
    }
    endpoint.registerStream("count") {
      (limit: Int, results: RPCWriter<Int>, _: CallContext) in
      for number in 0..<limit { try await results.write(number) }
    }
    endpoint.registerCollector("sum") { (numbers: RPCReader<Int>, _: CallContext) in
      var sum = 0
      for try await number in numbers { sum += number }
      return sum
    }
    endpoint.registerConversation("double") {
      (numbers: RPCReader<Int>, results: RPCWriter<String>, _: CallContext) in
      for try await number in numbers { try await results.write("\(number * 2)") }
    }
    return endpoint
  }

  @Test func callsByName() async throws {
    try await Self.withClient(Self.calculator) { client in
      let sum: Int = try await client.call("add", AddArgs(a: 10, b: 20))
      #expect(sum == 30)
      let named: Int = try await client.call("add", ["a": 1, "b": 2])
      #expect(named == 3)
      // One argument alone, and as the only positional one.
      let alone: Int = try await client.call("square", 5)
      let only: Int = try await client.call("square", [6])
      #expect([alone, only] == [25, 36])
      let pong: String = try await client.call("ping", timeout: .seconds(500))
      #expect(pong == "pong")
      try await client.call("ping")
      let peer: String = try await client.call("peer")
      #expect(peer.hasPrefix("shm:"))
    }
  }

  @Test func streamsOfEveryKind() async throws {
    try await Self.withClient(Self.calculator) { client in
      var counted: [Int] = []
      for try await number in try await client.stream("count", 1000, of: Int.self) {
        counted.append(number)
      }
      #expect(counted == Array(0..<1000))
      let sum = try await client.send("sum", of: Int.self)
      for number in 1...100 { try await sum.write(number) }
      let total = try await sum.finish(as: Int.self)
      #expect(total == 5050)
      let chat = try await client.converse("double", sending: Int.self, receiving: String.self)
      var results = chat.results.makeAsyncIterator()
      for number in 1...3 {
        try await chat.write(number)
        let result = try await results.next()
        #expect(result == "\(number * 2)")
      }
      try await chat.finish()
      let last = try await results.next()
      #expect(last == nil)
    }
  }

  @Test func whatAFunctionRaisesComesTyped() async throws {
    try await Self.withClient(Self.calculator) { client in
      let error = await failure { let _: Int = try await client.call("divide", AddArgs(a: 1, b: 0)) }
      #expect(error?.code == .unknown)
      let remote = try #require(error?.remote)
      #expect(remote.type == "ZeroDivisionError")
      #expect(remote.message == "division by zero")
      #expect(remote.fieldViolations.isEmpty)
      #expect(remote.traceback == ["line 1", "line 2"])
    }
  }

  @Test func argumentsThatDoNotFitNameTheField() async throws {
    try await Self.withClient(Self.calculator) { client in
      let wrong = await failure {
        let _: Int = try await client.call("add", ["a": "x", "b": "y"])
      }
      #expect(wrong?.code == .invalidArgument)
      #expect(wrong?.message.contains("expected an integer, found a string") == true)
      #expect(wrong?.remote?.fieldViolations.first?.field == "a")
      let missing = await failure { let _: Int = try await client.call("add", ["a": 1]) }
      #expect(missing?.code == .invalidArgument)
      #expect(missing?.message.contains("b") == true)
      let result = await failure { let _: [Int] = try await client.call("ping") }
      #expect(result?.code == .internal)
      let unknown = await failure { try await client.call("ad", 1) }
      #expect(
        unknown == RPCError(.unimplemented, "there is no method 'ad'; is 'add' meant?"))
      let other = await failure { try await client.call("multiply", 1) }
      #expect(other == RPCError(.unimplemented, "there is no method 'multiply'"))
    }
  }

  @Test func aCallWithATimeoutEnds() async throws {
    try await Self.withClient(Self.calculator) { client in
      let late = await failure {
        let _: Double = try await client.call("sleep", 1000.0, timeout: .milliseconds(20))
      }
      #expect(late?.code == .deadlineExceeded)
    }
  }

  @Test func manyCallsAtOnceAndNoneAfterTheEnd() async throws {
    try await Self.withClient(Self.calculator) { client in
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<1000 {
          group.addTask {
            let sum: Int = try await client.call("add", AddArgs(a: number, b: 1))
            return sum == number + 1
          }
        }
        for try await isRight in group { #expect(isRight) }
      }
      await client.close()
      let closed = await failure { try await client.call("ping") }
      #expect(closed == RPCError(.unavailable, "the channel was closed"))
    }
  }

  @Test func aGeneratorIsGivenUpWhenNobodyReads() async throws {
    let ended = Notes<Void>()
    var endpoint = RPCEndpoint()
    endpoint.registerStream("endless") { (_: Int?, results: RPCWriter<Int>, _: CallContext) in
      defer { ended.add(()) }
      while true { try await results.write(1) }
    }
    try await Self.withClient(endpoint) { client in
      do {
        let stream = try await client.stream("endless", of: Int.self)
        var iterator = stream.makeAsyncIterator()
        let first = try await iterator.next()
        #expect(first == 1)
      }
      while ended.count == 0 { await Task.yield() }
    }
  }

  @Test func methodsAreServedBesideProtobufOnes() async throws {
    let name = freeName()
    var options = ServerOptions.test { $0.addresses = [.sharedMemory(name)] }
    options.servesReflection = true
    options.httpRoutes = HTTPRoutes()
    let server = try Server([Self.calculator, TestService.echo], options: options)
    try await server.start()
    let channel = try await ClientChannel.sharedMemory(name)
    let client = RPCClient(channel)
    let sum: Int = try await client.call("add", AddArgs(a: 1, b: 2))
    let echo = try await channel.echo("hello")
    #expect(sum == 3)
    #expect(echo == "hello")
    await channel.close()
    await server.shutdown(grace: .zero)
  }
}
