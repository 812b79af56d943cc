// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruProtobuf
import AmaruTestSupport
import Testing

@testable import AmaruProtocols

/// Streaming calls of Connect, by connectrpc.com/docs/protocol.
@Suite(.ownThread)
struct ConnectStreamTests {
  private static let json: Field = "content-type: application/connect+json"
  private static let proto: Field = "content-type: application/connect+proto"

  /// The messages of a response as text, and the JSON of its last envelope.
  private func frames(_ bench: CallBench) throws -> (messages: [String], end: String) {
    var frames = bench.stream.messages
    #expect(frames.map { $0.message.count + 5 }.reduce(0, +) == bench.stream.body.count)
    let last = try #require(frames.last)
    frames.removeLast()
    #expect(last.flag == 2)
    _ = try Google_Protobuf_Struct(json: last.message)
    #expect(frames.allSatisfy { $0.flag == 0 })
    return (
      frames.map { String(decoding: $0.message, as: UTF8.self) },
      String(decoding: last.message, as: UTF8.self)
    )
  }

  @Test(arguments: [
    ("Collect", ["a", "b"], ["\"a,b\""]), ("List", ["a,b"], ["\"a\"", "\"b\""]),
    ("Chat", ["a", "b"], ["\"a\"", "\"b\""]), ("Chat", [], []),
  ])
  func everyKindOfStreamSpeaksJSON(
    _ method: String, _ requests: [String], _ responses: [String]
  ) throws {
    let bench = try CallBench()
    bench.select([Self.json], path: "/test.v1.Test/\(method)", isHTTP1: true)
    for request in requests { bench.receive(Envelope.bytes(Array("\"\(request)\"".utf8))) }
    bench.receive([], end: true)
    bench.finish()
    #expect(bench.stream.heads == [[":status: 200", "content-type: application/connect+json"]])
    let (messages, end) = try frames(bench)
    #expect(messages == responses)
    #expect(end == "{}")
    #expect(bench.stream.trailers == [])
    #expect(bench.stream.keptBytes == 0)
  }

  @Test func binaryMessagesAreGRPCs() throws {
    let bench = try CallBench()
    bench.select([Self.proto], path: "/test.v1.Test/Chat")
    bench.receive("a", "b", end: true)
    bench.finish()
    #expect(bench.stream.texts.dropLast() == ["a", "b"])
    #expect(try frames(bench).end == "{}")
  }

  @Test func anErrorAndTheTrailersAreInTheLastEnvelope() throws {
    let bench = try CallBench(
      TestService(
        .bidirectional(TestMethods.chat) { requests, responses, context in
          try context.responseMetadata.add("first", "1")
          try context.trailers.add("last", "2")
          try context.trailers.add("last", "3")
          for try await request in requests { try await responses.write(request) }
          throw RPCError(.aborted, "why")
        }))
    bench.select([Self.json], path: "/test.v1.Test/Chat")
    bench.receive(Envelope.bytes(Array("\"a\"".utf8)), end: true)
    bench.finish()
    #expect(bench.stream.value("first") == "1")
    let (messages, end) = try frames(bench)
    #expect(messages == ["\"a\""])
    #expect(
      end == """
        {"error":{"code":"aborted","message":"why"},"metadata":{"last":["2","3"]}}
        """)
  }

  @Test func aRefusedCallHasStatus200AndItsErrorInTheEnd() throws {
    let bench = try CallBench()
    bench.select([Self.json], path: "/test.v1.Test/Nothing")
    #expect(bench.stream.value(":status") == "200")
    #expect(try frames(bench).end.hasPrefix("{\"error\":{\"code\":\"unimplemented\""))
  }

  @Test func aDeadlineLeavesTheMessagesThatCameBefore() throws {
    let bench = try CallBench()
    bench.select([Self.json, "connect-timeout-ms: 1"], path: "/test.v1.Test/Chat")
    bench.receive(Envelope.bytes(Array("\"a\"".utf8)))
    bench.stream.unsentBytes = 1
    bench.deadlines.advance(to: 2_000_000)
    bench.loop.runReadyJobs()
    #expect(!bench.stream.isBodyDiscarded)
    let (messages, end) = try frames(bench)
    #expect(messages == ["\"a\""])
    #expect(end.hasPrefix("{\"error\":{\"code\":\"deadline_exceeded\""))
  }

  @Test func messagesMayBeCompressedBothWays() throws {
    let bench = try CallBench(responseCoding: .gzip)
    bench.select(
      [Self.json, "connect-content-encoding: gzip", "connect-accept-encoding: gzip"],
      path: "/test.v1.Test/List")
    let compressed = try #require(
      Array("\"a,b\"".utf8).withUnsafeBytes { Compression().compress($0, .gzip) })
    bench.receive(Envelope.bytes(compressed, flag: 1), end: true)
    bench.finish()
    #expect(bench.stream.value("connect-content-encoding") == "gzip")
    #expect(bench.stream.messages.map(\.flag) == [1, 1, 2])
  }

  @Test(
    arguments: [
      // Unknown flags, a piece of an envelope, of JSON, and what is compressed without a word, or not at all.
      [2, 0, 0, 0, 0], [4, 0, 0, 0, 0], [255, 0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0, 1, 0x7b],
      [0, 0, 0, 0, 9, 0x7b], [1, 0, 0, 0, 2, 0x22, 0x22],
    ] as [[UInt8]])
  func aMalformedStreamIsTheCallersFault(_ bytes: [UInt8]) throws {
    let bench = try CallBench()
    bench.select([Self.json], path: "/test.v1.Test/Chat")
    bench.receive(bytes, end: true)
    bench.finish()
    #expect(try frames(bench).end.hasPrefix("{\"error\":{\"code\":\"invalid_argument\""))
  }

  @Test func whatDoesNotInflateIsTheCallersFault() throws {
    let bench = try CallBench()
    bench.select(
      [Self.json, "connect-content-encoding: gzip"], path: "/test.v1.Test/Chat")
    bench.receive(Envelope.bytes([0x22, 0x22], flag: 1), end: true)
    bench.finish()
    #expect(try frames(bench).end.hasPrefix("{\"error\":{\"code\":\"invalid_argument\""))
  }
}
