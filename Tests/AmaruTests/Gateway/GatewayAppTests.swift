// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import GoldenPlain
import Synchronization
import Testing

/// Another service under the name of a greeter's.
private enum Other {
  struct GreeterService: Service { let handlers: [Handler] = [] }
}

/// Counts the calls that go through it.
private final class CountingInterceptor: Interceptor {
  let count = Atomic(0)

  func intercept(
    _ context: CallContext, next: @Sendable (CallContext) async throws -> Void
  ) async throws {
    count.add(1, ordering: .relaxed)
    try await next(context)
  }
}

/// Gateways and the app that serves them, with ports.
struct GatewayAppTests {
  private static func gateway(_ port: UInt16, _ path: String = "/grpc") -> GRPCGateway {
    GRPCGateway(path: path, services: [GreeterService()], exposeHTTP: true, port: port)
  }

  @Test func oneImplementationIsServedOverGRPCAndHTTP() async throws {
    let counter = CountingInterceptor()
    var options = ServerOptions()
    options.interceptors = [counter]
    let gateway = GRPCGateway(
      path: "/grpc", services: [GreeterService()], exposeHTTP: true, port: FreePort.next(),
      options: options)
    let app = try GatewayApp([gateway], port: FreePort.next())
    let http = try await app.startup()
    #expect(http == app.addresses && http.count == 1 && gateway.addresses.count == 1)
    #expect(http != gateway.addresses)
    // The HTTP port speaks every protocol, the one of gRPC too.
    for address in http + gateway.addresses {
      let channel = try ClientChannel("\(address)")
      let reply = try await GreeterClient(channel).sayHello(.with { $0.name = "World" })
      #expect(reply.text == "Hello, World!")
      await channel.close()
    }
    let client = try TestClient(app)
    let response = try await client.post("/grpc/greeterservice/sayhello", json: "{}")
    #expect(response.status == 200)
    #expect(counter.count.load(ordering: .relaxed) == 3)
    await client.close()
    await app.shutdown()
    #expect(gateway.addresses.isEmpty)
  }

  @Test func allIsOnOnePortWhereBothAreTheSame() async throws {
    let port = FreePort.next()
    let gateway = Self.gateway(port)
    let app = try GatewayApp([gateway], port: port)
    let addresses = try await app.startup()
    #expect(addresses.count == 1 && gateway.addresses.isEmpty)
    let channel = try ClientChannel("\(addresses[0])")
    let reply = try await GreeterClient(channel).sayHello(.with { $0.name = "A" })
    #expect(reply.text == "Hello, A!")
    await channel.close()
    await app.shutdown()
  }

  @Test func servicesThatAreNotExposedAreNotThereOverHTTP() async throws {
    let gateway = GRPCGateway(path: "/grpc", services: [GreeterService()], port: FreePort.next())
    let client = try TestClient(GatewayApp([gateway]))
    let response = try await client.post("/grpc/greeterservice/sayhello", json: "{}")
    #expect(response.status == 404)
    await client.close()
  }

  @Test func aTakenPortIsNamedAndNothingStays() async throws {
    let port = FreePort.next()
    let first = Self.gateway(port)
    try await first.startup()
    let second = Self.gateway(port)
    await #expect(throws: ServerError.self) { try await second.startup() }
    let app = try GatewayApp([Self.gateway(FreePort.next())], port: port)
    do {
      try await app.startup()
      Issue.record("it started")
    } catch {
      #expect("\(error)".contains("\(port)"))
    }
    #expect(app.gateways[0].addresses.isEmpty)
    // A gateway that could not start may try again.
    await first.shutdown()
    try await second.startup()
    await second.shutdown()
  }

  @Test func aGatewayStartsOnce() async throws {
    let gateway = Self.gateway(FreePort.next())
    try await gateway.startup()
    do {
      try await gateway.startup()
      Issue.record("it started again")
    } catch {
      #expect("\(error)".contains("/grpc") && "\(error)".contains("started before"))
    }
    await gateway.shutdown()
    await gateway.shutdown()
  }

  @Test func lifespanStopsWhateverHappens() async throws {
    struct Failure: Error {}
    let gateway = Self.gateway(FreePort.next())
    await #expect(throws: Failure.self) {
      try await gateway.lifespan { addresses in
        #expect(addresses.count == 1)
        throw Failure()
      }
    }
    #expect(gateway.addresses.isEmpty)
  }

  @Test func servicesAndRoutesThatCollideAreNamed() throws {
    let twice = [Self.gateway(1), Self.gateway(2, "/other")]
    #expect(throws: RouterError.duplicateMethod("greet.v1.Greeter/SayHello")) {
      try GatewayApp(twice)
    }
    var options = ServerOptions()
    var routes = HTTPRoutes()
    routes.add(GreeterService(), under: "/grpc")
    options.httpRoutes = routes
    do {
      _ = try GatewayApp([Self.gateway(1)], options: options)
      Issue.record("it was taken")
    } catch {
      #expect("\(error)".contains("/grpc/greeterservice/sayhello"))
    }
    // A service that the server does not have.
    var server = ServerOptions()
    server.httpRoutes = routes
    do {
      _ = try Server([Other.GreeterService()], options: server)
      Issue.record("it was taken")
    } catch {
      #expect("\(error)".contains("does not have the service"))
    }
  }
}
