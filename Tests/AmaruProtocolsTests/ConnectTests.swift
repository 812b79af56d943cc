// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruProtobuf
import AmaruTestSupport
import Testing

@testable import AmaruProtocols

/// Unary calls of Connect, by connectrpc.com/docs/protocol.
@Suite(.ownThread)
struct ConnectTests {
  private static let json: Field = "content-type: application/json"
  private static let proto: Field = "content-type: application/proto"

  private func body(_ bench: CallBench) -> String {
    String(decoding: bench.stream.body, as: UTF8.self)
  }

  private func failing(_ error: RPCError) throws -> CallBench {
    let bench = try CallBench(
      TestService(
        .unary(TestMethods.unary) { _, context in
          try context.responseMetadata.add("first", "1")
          try context.trailers.add("last", "2")
          throw error
        }))
    bench.select([Self.proto])
    bench.receive([], end: true)
    bench.finish()
    return bench
  }

  @Test func jsonGoesInAndOut() throws {
    for split in everySplit(of: Array("\"a\\u00e4\"".utf8)) {
      let bench = try CallBench()
      bench.select([Self.json, "connect-protocol-version: 1"], isHTTP1: true)
      for piece in split { bench.receive(piece) }
      bench.receive([], end: true)
      bench.finish()
      #expect(bench.stream.heads == [[":status: 200", "content-type: application/json"]])
      #expect(body(bench) == "\"aä\"")
      #expect(bench.stream.keptBytes == 0)
      #expect(bench.overcredit <= 0)
      bench.close(nil)
    }
  }

  @Test func binaryGoesInAndOutWithoutAnEnvelope() throws {
    let bench = try CallBench()
    bench.select([Self.proto])
    bench.receive(Text("a").encoded(), end: true)
    bench.finish()
    #expect(bench.stream.heads == [[":status: 200", "content-type: application/proto"]])
    #expect(bench.stream.body == Text("a").encoded())
    #expect(bench.stream.trailers == [])
  }

  @Test func metadataAndTrailersAreFieldsOfTheHead() throws {
    let seen = Notes<String>()
    let bench = try CallBench(
      TestService(
        .unary(TestMethods.unary) { request, context in
          for entry in context.metadata.entries { seen.add(entry.name) }
          try context.responseMetadata.add("first", "1")
          try context.trailers.add("last-bin", [0, 255])
          return request
        }))
    bench.select([
      Self.json, "connect-timeout-ms: 1000", "accept-encoding: br", "x-mine: 1",
      "content-encoding: identity",
    ])
    bench.receive(Array("\"\"".utf8), end: true)
    bench.finish()
    #expect(seen.all == ["x-mine"])
    #expect(
      bench.stream.heads == [
        [":status: 200", "content-type: application/json", "first: 1", "trailer-last-bin: AP8"]
      ])
  }

  @Test(arguments: [
    (StatusCode.cancelled, "canceled", 499), (.unknown, "unknown", 500),
    (.invalidArgument, "invalid_argument", 400), (.deadlineExceeded, "deadline_exceeded", 504),
    (.notFound, "not_found", 404), (.alreadyExists, "already_exists", 409),
    (.permissionDenied, "permission_denied", 403), (.resourceExhausted, "resource_exhausted", 429),
    (.failedPrecondition, "failed_precondition", 400), (.aborted, "aborted", 409),
    (.outOfRange, "out_of_range", 400), (.unimplemented, "unimplemented", 501),
    (.internal, "internal", 500), (.unavailable, "unavailable", 503), (.dataLoss, "data_loss", 500),
    (.unauthenticated, "unauthenticated", 401),
  ])
  func anErrorIsJSONWithAStatusOfHTTP(_ code: StatusCode, _ name: String, _ status: Int) throws {
    let bench = try failing(RPCError(code))
    #expect(bench.stream.value(":status") == "\(status)")
    #expect(bench.stream.value("content-type") == "application/json")
    #expect(bench.stream.value("first") == "1")
    #expect(bench.stream.value("trailer-last") == "2")
    #expect(body(bench) == "{\"code\":\"\(name)\"}")
  }

  @Test func anErrorHasItsMessageAndDetails() throws {
    let detail = Google_Protobuf_Any.with {
      $0.typeUrl = "type.googleapis.com/google.protobuf.StringValue"
      $0.value = Text("a").encoded()
    }
    let bench = try failing(RPCError(.aborted, "say \"nö\"\n\u{1}\\", details: [detail]))
    let expected = """
      {"code":"aborted","message":"say \\"nö\\"\\u000a\\u0001\\\\",\
      "details":[{"type":"google.protobuf.StringValue","value":"CgFh"}]}
      """
    #expect(body(bench) == expected)
    _ = try Google_Protobuf_Struct(json: bench.stream.body)
  }

  @Test(arguments: [
    ("{\"a\":", "400"), ("1", "400"), ("\"\u{1}\"", "400"), ("\"a\" \"b\"", "400"), ("", "400"),
  ])
  func whatIsNoMessageIsTheCallersFault(_ text: String, _ status: String) throws {
    let bench = try CallBench()
    bench.select([Self.json])
    bench.receive(Array(text.utf8), end: true)
    bench.finish()
    #expect(bench.stream.value(":status") == status)
    #expect(body(bench).hasPrefix("{\"code\":\"invalid_argument\",\"message\":\"the request is not"))
  }

  @Test(
    arguments: [
      ("connect-protocol-version: 2", "400"), ("connect-timeout-ms: 12345678901", "400"),
      ("connect-timeout-ms: -1", "400"), ("connect-timeout-ms: ", "400"),
      ("content-encoding: br", "501"), ("connect-timeout-ms: 9999999999", nil),
    ] as [(Field, String?)])
  func aHeadThatIsNoGoodIsRefused(_ field: Field, _ status: String?) throws {
    let bench = try CallBench()
    bench.select([Self.json, field])
    #expect(bench.stream.value(":status") == status)
  }

  @Test func aMethodThatIsNotThereIsUnimplemented() throws {
    let bench = try CallBench()
    bench.select([Self.json], path: "/test.v1.Test/Nothing")
    #expect(bench.stream.value(":status") == "501")
    #expect(body(bench).contains("unknown method Nothing"))
  }

  @Test(arguments: [
    ("Unary", "application/connect+json", "415"), ("List", "application/json", "415"),
    ("Unary", "application/connect", "415"), ("Unary", "application/xml", "415"),
  ])
  func theTypeMustFitTheKind(_ method: String, _ type: String, _ status: String) throws {
    let bench = try CallBench()
    bench.select([Field("content-type", type)], path: "/test.v1.Test/\(method)")
    #expect(bench.stream.value(":status") == status)
  }

  @Test func gzipGoesInAndOut() throws {
    let bench = try CallBench(responseCoding: .gzip)
    let text = Array("\"\(String(repeating: "x", count: 1000))\"".utf8)
    let compressed = try #require(
      text.withUnsafeBytes { Compression().compress($0, .gzip) })
    bench.select([Self.json, "content-encoding: gzip", "accept-encoding: br, gzip"])
    bench.receive(compressed, end: true)
    bench.finish()
    #expect(bench.stream.value("content-encoding") == "gzip")
    let inflated = try bench.stream.body.withUnsafeBytes {
      try Compression().decompress($0, maxBytes: 10_000, maxRatio: 1000)
    }
    #expect(inflated == text)
  }

  @Test(arguments: ["\"a\"", "\u{1f}\u{8b}"])
  func whatDoesNotInflateIsTheCallersFault(_ text: String) throws {
    let bench = try CallBench()
    bench.select([Self.json, "content-encoding: gzip"])
    bench.receive(Array(text.utf8), end: true)
    bench.finish()
    #expect(bench.stream.value(":status") == "400")
    #expect(body(bench).contains("the compressed message is malformed"))
  }

  @Test func theLimitOfAMessageHoldsForTheBody() throws {
    var limits = Limits()
    limits.maxReceivedMessageBytes = 100
    for (count, status) in [(100, "200"), (101, "429")] {
      for cut in [0, 50] {
        let bench = try CallBench(limits: limits)
        bench.select([Self.json])
        let text = Array("\"\(String(repeating: "x", count: count - 2))\"".utf8)
        if cut > 0 { bench.receive(Array(text[..<cut])) }
        bench.receive(Array(text[cut...]), end: true)
        bench.finish()
        #expect(bench.stream.value(":status") == status)
        bench.close(nil)
      }
    }
  }

  @Test func aDeadlineThatPassesIsAnError() throws {
    let bench = try CallBench()
    bench.select([Self.json, "connect-timeout-ms: 1"])
    bench.receive(Array("\"".utf8))
    bench.deadlines.advance(to: 2_000_000)
    bench.loop.runReadyJobs()
    #expect(bench.stream.value(":status") == "504")
    #expect(bench.deadlines.count == 0)
  }

  @Test func aMethodWithSideEffectsIsNotCalledByGET() throws {
    let bench = try CallBench()
    bench.select(
      [], path: "/test.v1.Test/Unary?connect=v1&encoding=json&message=%22a%22", method: "GET")
    #expect(bench.stream.value(":status") == "405")
    #expect(bench.stream.value("allow") == "POST")
  }

  /// `service Quiet { rpc Read(StringValue) returns (StringValue) { option idempotency_level = NO_SIDE_EFFECTS; } }`
  private static let quiet = ProtoFile(
    name: "quiet.proto", imports: [googleProtobufWrappersProto],
    base64:
      "CgtxdWlldC5wcm90bxIHdGVzdC52MRoeZ29vZ2xlL3Byb3RvYnVmL3dyYXBwZXJzLnByb3RvMlAKBVF1aWV0EkcKBFJlYWQSHC5nb29nbGUucHJvdG9idWYuU3RyaW5nVmFsdWUaHC5nb29nbGUucHJvdG9idWYuU3RyaW5nVmFsdWUiA5ACAWIGcHJvdG8z"
  )

  @Test(arguments: [
    ("/test.v1.Quiet/Read?connect=v1&encoding=json&message=%22a%22", "200", "\"a\""),
    ("/test.v1.Quiet/Read?encoding=proto&base64=1&message=CgFh", "200", "\n\u{1}a"),
    ("/test.v1.Quiet/Read?connect=v2&encoding=json&message=%22a%22", "400", nil),
    ("/test.v1.Quiet/Read?encoding=json&message=a", "400", nil),
    ("/test.v1.Quiet/Read?encoding=json&message=%22a%22&compression=br", "501", nil),
    ("/test.v1.Quiet/Read?encoding=xml&message=%22a%22", "400", nil),
    ("/test.v1.Quiet/Write?encoding=json&message=%22a%22", "501", nil),
    ("/test.v1.Quiet/Read?connect=v1&encoding=json", "400", nil), ("/test.v1.Quiet/Read?connect=v1", "400", nil),
    ("/test.v1.Quiet/Read?connect=v1&message=%22a%22", "400", nil),
    ("/test.v1.Quiet/Read?encoding=json&message=%22a%22&compression=gzip", "400", nil),
    ("/test.v1.Quiet/Read?encoding=json", "415", nil), ("/test.v1.Quiet/Read", "415", nil),
  ])
  func aMethodWithoutSideEffectsIsCalledByGET(
    _ path: String, _ status: String, _ answer: String?
  ) throws {
    let method = Method<Text, Text>("test.v1.Quiet/Read", .unary, in: Self.quiet)
    let bench = try CallBench(TestService(.unary(method) { request, _ in request }))
    bench.select([], path: path, method: "GET")
    bench.receive([], end: true)
    bench.finish()
    #expect(bench.stream.value(":status") == status)
    if let answer {
      #expect(body(bench) == answer)
      #expect(bench.stream.value("vary") == "accept-encoding")
    }
    #expect(bench.stream.keptBytes == 0)
  }

  @Test(arguments: [
    ("encoding=json&message=%22a%22", "\"a\""), ("encoding=json&message=%22a+b%22", "\"a b\""),
    ("encoding=proto&base64=1&message=CgFh", "\n\u{1}a"), ("encoding=json&message=ImEi&base64=1", "\"a\""),
    ("encoding=proto&message=%0A%01a&connect=v1", "\n\u{1}a"),
    ("encoding=json&message=Ij8_Ig&base64=1", "\"??\""),
    ("encoding=xml&message=", nil), ("encoding=json&message=*&base64=1", nil),
    ("encoding=json&message=%7", nil), ("encoding=json&message=%zz", nil), ("encoding=json&message=1&x=%", nil),
    ("connect=v1&encoding=json", nil), ("connect=v1&message=1", nil), ("connect=v1", nil),
    ("encoding=json&message=1&message=2", nil), ("encoding=json&message=1&base64=2", nil),
  ])
  func aQueryHoldsTheMessage(_ query: String, _ message: String?) throws {
    var fields = HTTPFields()
    fields.add(":method", "GET")
    fields.add(":path", "/a.B/C?\(query)")
    let found = try #require(ConnectQuery(HTTPHead(fields)))
    #expect(found.path == "/a.B/C")
    if let message {
      #expect(try found.message() == Array(message.utf8))
    } else {
      #expect(throws: RPCError.self) { try found.message() }
    }
  }
}
