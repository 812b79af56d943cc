// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Testing

struct HealthTests {
  private static func statuses(_ stream: Peer.Stream) -> [Int32] {
    stream.messages.compactMap { try? HealthCheckResponse(decoding: $0).status.rawValue }
  }

  private static func ask(_ client: WireClient, _ method: String, _ service: String) -> UInt32 {
    let stream = client.begin("/grpc.health.v1.Health/\(method)")
    let request = HealthCheckRequest.with { $0.service = service }
    client.send(.data(stream, Envelope.bytes(request.encoded()), end: true))
    return stream
  }

  @Test func checkKnowsTheServerAndItsServicesAndNoOthers() async throws {
    try await withServer { _, port in
      let client = try client(port)
      for service in ["", "test.v1.Test"] {
        let stream = Self.ask(client, "Check", service)
        client.read { $0[stream].isOver }
        #expect(Self.statuses(client.peer[stream]) == [1])
      }
      let stream = Self.ask(client, "Check", "no.Such")
      client.read { $0[stream].isOver }
      #expect(client.peer[stream].status == 5)
    }
  }

  @Test func watchTellsEachChangeAndEndsWithTheServer() async throws {
    try await withServer { server, port in
      let client = try client(port)
      let known = Self.ask(client, "Watch", "test.v1.Test")
      let unknown = Self.ask(client, "Watch", "later.Service")
      client.read { !$0[known].messages.isEmpty && !$0[unknown].messages.isEmpty }
      server.health?.setStatus(.notServing, for: "test.v1.Test")
      client.read { $0[known].messages.count == 2 }
      server.health?.setStatus(.notServing, for: "test.v1.Test")
      server.health?.setStatus(.serving, for: "later.Service")
      client.read { $0[unknown].messages.count == 2 }
      server.health?.setStatus(.serving, for: "test.v1.Test")
      client.read { $0[known].messages.count == 3 }
      Task.detached { await server.shutdown() }
      client.readToEnd()
      #expect(Self.statuses(client.peer[known]) == [1, 2, 1, 2])
      #expect(Self.statuses(client.peer[unknown]) == [3, 1, 2])
      #expect(client.peer[known].status == 14)
      #expect(client.peer[unknown].status == 14)
    }
  }

  @Test func aWatcherThatCancelsIsForgotten() async throws {
    try await withServer { server, port in
      let client = try client(port)
      for _ in 0..<150 {
        let stream = Self.ask(client, "Watch", "")
        client.read { !$0[stream].messages.isEmpty }
        client.send(.reset(stream, .cancel))
      }
      let stream = Self.ask(client, "Watch", "")
      client.read { !$0[stream].messages.isEmpty }
      #expect(client.peer.goAways.isEmpty)
    }
  }

  @Test func healthMayBeLeftOut() async throws {
    try await withServer(.echo, { $0.servesHealth = false }) { server, port in
      #expect(server.health == nil)
      let client = try client(port)
      let stream = Self.ask(client, "Check", "")
      client.read { $0[stream].isOver }
      #expect(client.peer[stream].status == 12)
    }
  }
}
