// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruTestSupport
import Testing

@testable import AmaruProtocols

/// gRPC-Web, by `PROTOCOL-WEB.md` of gRPC.
@Suite(.ownThread)
struct GRPCWebTests {
  private static let binary = "application/grpc-web+proto"
  private static let text = "application/grpc-web-text+proto"

  private func begin(
    _ bench: CallBench, _ method: String, _ type: String = binary, _ fields: [Field] = []
  ) {
    bench.select(
      [Field("content-type", type)] + fields, path: "/test.v1.Test/\(method)", isHTTP1: true)
  }

  /// The body of a response in the text form: groups of four, each of which may be padded.
  private func decoded(_ text: [UInt8]) throws -> [UInt8] {
    try #require(text.count % 4 == 0)
    return try stride(from: 0, to: text.count, by: 4).flatMap { start in
      try #require(Base64.decode(text[start..<(start + 4)]))
    }
  }

  private func base64(_ bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBytes { Base64.encodePadded($0) }
  }

  /// The frames of a body: the texts of the messages, and the block of the trailers, which comes last.
  private func frames(_ body: [UInt8]) throws -> (texts: [String], trailers: String) {
    var frames = Envelope.split(body)
    #expect(frames.map { $0.message.count + 5 }.reduce(0, +) == body.count)
    let last = try #require(frames.last)
    frames.removeLast()
    #expect(last.flag == 0x80)
    return (
      try frames.map { frame in
        #expect(frame.flag == 0)
        return try Text(decoding: frame.message).value
      }, String(decoding: last.message, as: UTF8.self)
    )
  }

  @Test(arguments: [
    ("Unary", "a", ["a"]), ("Collect", "a,b", ["a,b"]), ("List", "a,b", ["a", "b"]),
    ("Chat", "a", ["a"]),
  ])
  func everyKindOfCallHasItsTrailersInTheBody(
    _ method: String, _ request: String, _ responses: [String]
  ) throws {
    for type in [Self.binary, Self.text] {
      let bench = try CallBench()
      begin(bench, method, type)
      let bytes = Envelope.bytes(Text(request).encoded())
      bench.receive(type == Self.text ? base64(bytes) : bytes, end: true)
      bench.finish()
      #expect(bench.stream.heads == [[":status: 200", Field("content-type", type)]])
      let body = type == Self.text ? try decoded(bench.stream.body) : bench.stream.body
      let (texts, trailers) = try frames(body)
      #expect(texts == responses)
      #expect(trailers == "grpc-status: 0\r\n")
      #expect(bench.stream.trailers == [])
      bench.close(nil)
    }
  }

  @Test(arguments: [
    ("application/grpc-web", nil, binary), ("application/grpc-web-text", nil, text),
    ("application/grpc-web-text", "application/grpc-web+proto", binary),
    ("application/grpc-web", "application/grpc-web-text, */*;q=0.1", text),
    ("application/grpc-web-text", "*/*", text), ("Application/gRPC-Web; charset=x", nil, binary),
  ])
  func theResponseIsOfTheFormThatTheCallerAccepts(
    _ type: String, _ accept: String?, _ expected: String
  ) throws {
    let bench = try CallBench()
    begin(bench, "Chat", type, accept.map { [Field("accept", $0)] } ?? [])
    bench.receive([], end: true)
    bench.finish()
    #expect(bench.stream.value("content-type") == expected)
  }

  @Test(arguments: ["application/grpc-web+thrift", "application/grpc-webtext", "application/grpc-web-"])
  func anotherFormatIsNoCall(_ type: String) throws {
    let bench = try CallBench()
    begin(bench, "Unary", type)
    #expect(bench.stream.value(":status") == "415")
  }

  @Test func jsonIsACodecOfGRPCAndOfGRPCWeb() throws {
    for type in ["application/grpc+json", "application/grpc-web+json"] {
      let bench = try CallBench()
      bench.select([Field("content-type", type)], path: "/test.v1.Test/Chat")
      bench.receive(Envelope.bytes(Array("\"a\"".utf8)), end: true)
      bench.finish()
      #expect(bench.stream.value("content-type") == type)
      #expect(bench.stream.messages.first?.message == Array("\"a\"".utf8))
    }
  }

  @Test func anErrorWithoutAMessageIsInTheHeadAlone() throws {
    let bench = try CallBench()
    begin(bench, "Nowhere")
    #expect(bench.stream.value("grpc-status") == "12")
    #expect(bench.stream.body.isEmpty)
    #expect(bench.stream.isEnded)
  }

  @Test func anErrorAfterAMessageIsInTheLastFrameWithTheTrailers() throws {
    let bench = try CallBench(
      TestService(
        .serverStreaming(TestMethods.list) { request, responses, context in
          try context.trailers.add("last", "1")
          try await responses.write(request)
          throw RPCError(.aborted, "näh\r\nx: y")
        }))
    begin(bench, "List")
    bench.receive("a", end: true)
    bench.finish()
    let (texts, trailers) = try frames(bench.stream.body)
    #expect(texts == ["a"])
    #expect(trailers == "grpc-status: 10\r\ngrpc-message: n%C3%A4h%0D%0Ax: y\r\nlast: 1\r\n")
  }

  @Test func aDeadlineLeavesTheMessagesThatCameBefore() throws {
    let bench = try CallBench()
    begin(bench, "Chat", Self.binary, ["grpc-timeout: 1u"])
    bench.receive("a")
    bench.stream.unsentBytes = 1
    bench.deadlines.advance(to: 2000)
    bench.loop.runReadyJobs()
    #expect(!bench.stream.isBodyDiscarded)
    let (texts, trailers) = try frames(bench.stream.body)
    #expect(texts == ["a"])
    #expect(trailers == "grpc-status: 4\r\ngrpc-message: the deadline has passed\r\n")
  }

  @Test func compressedMessagesAreGRPCs() throws {
    let bench = try CallBench(responseCoding: .gzip)
    begin(bench, "List", Self.text, ["grpc-accept-encoding: gzip"])
    bench.receive(base64(Envelope.bytes(Text("a,b").encoded())), end: true)
    bench.finish()
    #expect(bench.stream.value("grpc-encoding") == "gzip")
    #expect(Envelope.split(try decoded(bench.stream.body)).map(\.flag) == [1, 1, 0x80])
  }

  @Test func textMayBeCutAndPaddedAnywhere() throws {
    let first = Envelope.bytes(Text("a").encoded())
    let second = Envelope.bytes(Text("bc").encoded())
    let whole = base64(first) + base64(second)
    let pieces = (first + second).flatMap { base64([$0]) }
    for text in [whole, pieces] {
      for split in everySplit(of: text) {
        let bench = try CallBench()
        begin(bench, "Collect", Self.text)
        for piece in split { bench.receive(piece) }
        bench.receive([], end: true)
        bench.finish()
        #expect(try frames(decoded(bench.stream.body)).texts == ["a,bc"])
        #expect(bench.overcredit == 0)
        #expect(bench.stream.keptBytes == 0)
        bench.close(nil)
      }
    }
  }

  @Test(arguments: ["AAAA*AAA", "=AAA", "A===", "AA=A", "AAAAA", "AA=", "A", "AAAA=", "AA==="])
  func whatIsNotBase64EndsTheCall(_ text: String) throws {
    let bench = try CallBench()
    begin(bench, "Chat", Self.text)
    bench.receive(Array(text.utf8), end: true)
    bench.receive(Array("AAAA".utf8), end: true)
    bench.loop.runReadyJobs()
    #expect(bench.stream.value("grpc-status") == "13")
    #expect(bench.stream.value("grpc-message") == "the request is not base64")
  }

  @Test func theLimitOfAMessageHoldsForItsBytes() throws {
    var limits = Limits()
    limits.maxReceivedMessageBytes = 100
    for (count, status) in [(98, nil), (99, "8")] as [(Int, String?)] {
      let bench = try CallBench(limits: limits)
      begin(bench, "Unary", Self.text)
      let message = Text(String(repeating: "x", count: count)).encoded()
      bench.receive(base64(Envelope.bytes(message)), end: true)
      bench.finish()
      #expect(bench.stream.value("grpc-status") == status)
      bench.close(nil)
    }
  }

  @Test func aClosedStreamCancelsTheHandler() throws {
    let seen = Notes<String>()
    let bench = try CallBench(
      TestService(
        .bidirectional(TestMethods.chat) { requests, _, context in
          do { for try await _ in requests {} } catch { seen.add("\(context.isCancelled)") }
        }))
    begin(bench, "Chat", Self.text)
    bench.receive(base64(Envelope.bytes(Text("a").encoded())))
    bench.close(.connectionLost)
    #expect(seen.all == ["true"])
  }

  @Test func gRPCItselfNeedsHTTP2() throws {
    let bench = try CallBench()
    begin(bench, "Unary", "application/grpc")
    #expect(bench.stream.value(":status") == "505")
  }

  @Test func anotherMethodThanPOSTIsRefused() throws {
    let bench = try CallBench()
    bench.select([Field("content-type", Self.binary)], method: "PUT")
    #expect(bench.stream.value(":status") == "405")
    #expect(bench.stream.value("allow") == "POST")
  }
}
