// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruProtobuf
import AmaruTestSupport
import Testing

@testable import AmaruProtocols

@Suite(.ownThread)
struct GRPCStatusTests {
  private func failing(_ error: any Error) throws -> CallBench {
    let bench = try CallBench(TestService(.unary(TestMethods.unary) { _, _ in throw error }))
    bench.begin("Unary")
    bench.receive("x", end: true)
    bench.finish()
    return bench
  }

  @Test(arguments: StatusCode.allCases.filter { $0 != .ok })
  func anErrorBeforeTheHeadIsOneBlock(_ code: StatusCode) throws {
    let bench = try failing(RPCError(code, "why"))
    #expect(
      bench.stream.heads == [
        [
          ":status: 200", "content-type: application/grpc",
          Field("grpc-status", "\(code.rawValue)"), "grpc-message: why",
        ]
      ])
    #expect(bench.stream.trailers == nil)
    #expect(bench.stream.body.isEmpty)
  }

  @Test(arguments: [
    ("100% é\n", "100%25 %C3%A9%0A"), ("", nil), ("a: b", "a: b"), ("🐍", "%F0%9F%90%8D"),
  ])
  func theMessageIsPercentEncoded(_ message: String, _ sent: String?) throws {
    let bench = try failing(RPCError(.aborted, message))
    #expect(bench.stream.value("grpc-message") == sent)
  }

  @Test func detailsAreAStatusMessage() throws {
    let detail = Google_Protobuf_Any.with {
      $0.typeUrl = "type.googleapis.com/google.protobuf.StringValue"
      $0.value = Text("detail").encoded()
    }
    var metadata = Metadata()
    try metadata.add("retry-after", "3")
    try metadata.add("token-bin", [0, 255])
    let bench = try failing(
      RPCError(.invalidArgument, "näh", details: [detail], metadata: metadata))
    let encoded = try #require(bench.stream.value("grpc-status-details-bin"))
    let bytes = try #require(Base64.decode(encoded.utf8))
    let status = try Google_Rpc_Status(decoding: bytes)
    #expect(status.code == 3)
    #expect(status.message == "näh")
    #expect(status.details == [detail])
    #expect(bench.stream.value("retry-after") == "3")
    #expect(bench.stream.value("token-bin") == "AP8")
  }

  @Test func aForeignErrorKeepsItsTextToItself() throws {
    struct Secret: Error { let password = "1234" }
    let bench = try failing(Secret())
    #expect(bench.stream.status == 2)
    #expect(bench.stream.value("grpc-message") == "the handler failed")
    #expect(!"\(bench.stream.heads)".contains("1234"))
    #expect(bench.log.all.contains { $0.contains("1234") })
  }

  @Test func metadataGoesBeforeTheFirstMessageAndTrailersWithTheStatus() throws {
    let bench = try CallBench(
      TestService(
        .unary(TestMethods.unary) { request, context in
          try context.responseMetadata.add("first", "1")
          try context.responseMetadata.add("first-bin", [1])
          try context.trailers.add("last", "2")
          return request
        }))
    bench.begin("Unary")
    bench.receive("x", end: true)
    bench.finish()
    #expect(
      bench.stream.heads == [
        [":status: 200", "content-type: application/grpc", "first: 1", "first-bin: AQ"]
      ])
    #expect(bench.stream.trailers == ["grpc-status: 0", "last: 2"])
  }

  @Test func metadataAndTrailersAreSentWithAnErrorToo() throws {
    let bench = try CallBench(
      TestService(
        .unary(TestMethods.unary) { _, context in
          try context.responseMetadata.add("first", "1")
          try context.trailers.add("last", "2")
          throw RPCError(.notFound)
        }))
    bench.begin("Unary")
    bench.receive("x", end: true)
    bench.finish()
    let head = try #require(bench.stream.heads.first)
    #expect(bench.stream.heads.count == 1)
    #expect(head.contains("first: 1"))
    #expect(head.contains("last: 2"))
    #expect(head.contains("grpc-status: 5"))
  }

  @Test func anErrorAfterMessagesIsInTheTrailers() throws {
    let bench = try CallBench(
      TestService(
        .serverStreaming(TestMethods.list) { request, responses, _ in
          try await responses.write(request)
          throw RPCError(.dataLoss, "gone")
        }))
    bench.begin("List")
    bench.receive("x", end: true)
    bench.finish()
    #expect(bench.stream.texts == ["x"])
    #expect(bench.stream.trailers == ["grpc-status: 15", "grpc-message: gone"])
  }

  @Test func aStreamWithoutMessagesStillHasAHead() throws {
    let bench = try CallBench()
    bench.begin("List")
    bench.receive("", end: true)
    bench.finish()
    #expect(bench.stream.heads.count == 1)
    #expect(bench.stream.trailers == ["grpc-status: 0"])
  }

  @Test(arguments: [false, true])
  func theHeadMayGoOutBeforeTheFirstMessage(_ isOffLoop: Bool) throws {
    let gate = AsyncStream<Void>.makeStream()
    let handler = Handler.unary(TestMethods.unary) { request, context in
      try context.responseMetadata.add("early", "1")
      await context.sendResponseMetadata()
      for await _ in gate.stream { break }
      return request
    }
    let bench = try CallBench(TestService(isOffLoop ? handler.offLoop() : handler))
    bench.begin("Unary")
    bench.receive("x", end: true)
    bench.loop.run { !bench.stream.heads.isEmpty }
    #expect(bench.stream.heads[0].contains("early: 1"))
    #expect(bench.stream.body.isEmpty)
    gate.continuation.yield()
    bench.finish()
    #expect(bench.stream.heads.count == 1)
    #expect(bench.stream.texts == ["x"])
  }
}
