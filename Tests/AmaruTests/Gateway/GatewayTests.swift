// SPDX-License-Identifier: Apache-2.0
import Amaru
import GoldenPlain
import Testing

/// Calls by plain HTTP and JSON, through an app in memory.
struct GatewayTests {
  private static let greeter = "/grpc/greeterservice"

  private static func client(
    httpMethods: [String] = HTTPRoutes.allMethods, basePath: String = "",
    options: ServerOptions = ServerOptions()
  ) throws -> TestClient {
    let gateway = GRPCGateway(
      path: "/grpc", services: [GreeterService()], exposeHTTP: true, httpMethods: httpMethods)
    return try TestClient(GatewayApp([gateway], basePath: basePath, options: options))
  }

  @Test func theCallsOfTheGuideWorkAsItSays() async throws {
    let client = try Self.client()
    let hello = try await client.post("\(Self.greeter)/sayhello", json: #"{"name": "World"}"#)
    #expect(hello.status == 200)
    #expect(hello.text == #"{"text":"Hello, World!"}"#)
    #expect(hello.header("content-type") == "application/json")
    let wrong = try await client.post("\(Self.greeter)/sayhello", json: #"{"name": "error"}"#)
    #expect(wrong.status == 400)
    #expect(wrong.text == #"{"detail":"Invalid request","code":"invalid_argument"}"#)
    await client.close()
  }

  @Test func everyMethodThatHasABodyTakesTheMessageFromIt() async throws {
    let client = try Self.client()
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
      let response = try await client.request(
        method, "\(Self.greeter)/sayhello", body: Array(#"{"name":"Ada"}"#.utf8))
      #expect(response.text == #"{"text":"Hello, Ada!"}"#, "\(method)")
    }
    // No body is a message without fields.
    let empty = try await client.request("POST", "\(Self.greeter)/sayhello")
    #expect(empty.text == #"{"text":"Hello, !"}"#)
    await client.close()
  }

  @Test func getTakesTheMessageFromTheQuery() async throws {
    let client = try Self.client()
    let hello = try await client.get("\(Self.greeter)/sayhello?name=J%C3%BCrgen+K")
    #expect(hello.text == #"{"text":"Hello, Jürgen K!"}"#)
    let unknown = try await client.get("\(Self.greeter)/sayhello?nmae=x")
    #expect(unknown.status == 400)
    #expect(unknown.text.contains("nmae") && unknown.text.contains("HelloRequest"))
    let broken = try await client.get("\(Self.greeter)/sayhello?name=%C3")
    #expect(broken.status == 400 && broken.text.contains("percent-encoded"))
    await client.close()
  }

  @Test(arguments: [
    (StatusCode.cancelled, 499), (.unknown, 500), (.invalidArgument, 400),
    (.deadlineExceeded, 504), (.notFound, 404), (.alreadyExists, 409), (.permissionDenied, 403),
    (.resourceExhausted, 429), (.failedPrecondition, 400), (.aborted, 409), (.outOfRange, 400),
    (.unimplemented, 501), (.internal, 500), (.unavailable, 503), (.dataLoss, 500),
    (.unauthenticated, 401),
  ])
  func everyCodeHasItsStatus(_ code: StatusCode, _ status: Int) async throws {
    let client = try Self.client()
    let response = try await client.post(
      "\(Self.greeter)/sayhello", json: "{\"name\": \"\(code.name)\"}")
    #expect(response.status == status)
    #expect(response.text.hasPrefix(#"{"detail":"as asked","code":""#))
    await client.close()
  }

  @Test func detailsGoBesideTheDetail() async throws {
    let client = try Self.client()
    let response = try await client.post("\(Self.greeter)/sayhello", json: #"{"name":"details"}"#)
    #expect(response.status == 404)
    #expect(
      response.text.contains(#""details":[{"type":"google.rpc.ErrorInfo","value":""#))
    await client.close()
  }

  @Test func otherMethodsThanTheAllowedAreAnsweredWithThose() async throws {
    let client = try Self.client(httpMethods: ["post"])
    let response = try await client.get("\(Self.greeter)/sayhello?name=x")
    #expect(response.status == 405 && response.header("allow") == "POST")
    #expect(response.text.contains("use POST"))
    let options = try await client.request("OPTIONS", "\(Self.greeter)/sayhello")
    #expect(options.status == 405)
    await client.close()
  }

  @Test func wrongPathsNameTheCure() async throws {
    let client = try Self.client()
    let service = try await client.post("/grpc/productservice/list", json: "{}")
    #expect(service.status == 404)
    #expect(service.text.contains("greeterservice") && service.text.contains("given to the gateway"))
    let method = try await client.post("\(Self.greeter)/sayhi", json: "{}")
    #expect(method.status == 404 && method.text.contains("\(Self.greeter)/sayhello"))
    let elsewhere = try await client.get("/favicon.ico")
    #expect(elsewhere.status == 404 && elsewhere.text.contains("/favicon.ico"))
    let prefix = try await client.get("/grpcx/greeterservice/sayhello")
    #expect(prefix.status == 404)
    for path in ["/grpc/../grpc/greeterservice/sayhello", "/grpc/%2e%2e/x", "/grpc/%ff/x"] {
      let response = try await client.post(path, json: "{}")
      #expect(response.status == 400, "\(path)")
    }
    let encoded = try await client.post("/grpc%2Fgreeterservice/sayhello", json: "{}")
    #expect(encoded.status == 501)
    await client.close()
  }

  @Test(arguments: [
    (#"{"name": 5}"#, "name"), (#"{"name": "a", "name": "b"}"#, "name"), ("[1]", "{"),
    (#"{"name": "a""#, "end"),
  ])
  func malformedBodiesAreTheCallersFault(_ body: String, _ word: String) async throws {
    let client = try Self.client()
    let response = try await client.post("\(Self.greeter)/sayhello", json: body)
    #expect(response.status == 400)
    #expect(response.text.contains("HelloRequest") && response.text.contains(word))
    await client.close()
  }

  @Test func bodiesOfAnotherTypeAreRefused() async throws {
    let client = try Self.client()
    let form = try await client.request(
      "POST", "\(Self.greeter)/sayhello",
      headers: [("content-type", "application/x-www-form-urlencoded")], body: Array("a=b".utf8))
    #expect(form.status == 415 && form.header("accept-post") == "application/json")
    let withCharset = try await client.request(
      "POST", "\(Self.greeter)/sayhello",
      headers: [("content-type", "application/json; charset=utf-8")],
      body: Array(#"{"name":"A"}"#.utf8))
    #expect(withCharset.status == 200)
    let coding = try await client.request(
      "POST", "\(Self.greeter)/sayhello", headers: [("content-encoding", "br")], body: [1])
    #expect(coding.status == 501 && coding.text.contains("'br'"))
    await client.close()
  }

  @Test func messageOfTheLimitIsTakenAndOneByteMoreIsNot() async throws {
    var options = ServerOptions()
    options.limits.maxReceivedMessageBytes = 100
    let client = try Self.client(options: options)
    let name = String(repeating: "n", count: 100 - #"{"name":""}"#.utf8.count)
    let fits = try await client.post("\(Self.greeter)/sayhello", json: "{\"name\":\"\(name)\"}")
    #expect(fits.status == 200)
    let large = try await client.post("\(Self.greeter)/sayhello", json: "{\"name\":\"\(name)n\"}")
    #expect(large.status == 429 && large.text.contains("limit of 100 bytes"))
    // And a line of a stream.
    let lines = try await client.request(
      "POST", "\(Self.greeter)/record", body: Array("{\"name\":\"\(name)\"}\n{\"name\":\"x\"}".utf8))
    #expect(lines.status == 200)
    let long = try await client.request(
      "POST", "\(Self.greeter)/record", body: Array("{\"name\":\"\(name)n\"}\n".utf8))
    #expect(long.status == 429 && long.text.contains("line"))
    await client.close()
  }

  @Test func serverStreamsAreLinesOrEvents() async throws {
    let client = try Self.client()
    let lines = try await client.post("\(Self.greeter)/list", json: #"{"name":"Ada Bob"}"#)
    #expect(lines.status == 200 && lines.header("content-type") == "application/x-ndjson")
    #expect(lines.text == "{\"text\":\"Hello, Ada!\"}\n{\"text\":\"Hello, Bob!\"}\n")
    let events = try await client.get(
      "\(Self.greeter)/list?name=Ada", headers: [("accept", "text/event-stream")])
    #expect(events.header("content-type") == "text/event-stream")
    #expect(
      events.text == "data: {\"text\":\"Hello, Ada!\"}\n\nevent: end\ndata: {}\n\n")
    let none = try await client.post("\(Self.greeter)/list", json: "{}")
    #expect(none.status == 200 && none.text.isEmpty)
    await client.close()
  }

  @Test func errorsOfStreamsAreTheStatusOrTheLastLine() async throws {
    let client = try Self.client()
    let atOnce = try await client.post("\(Self.greeter)/list", json: #"{"name":"error"}"#)
    #expect(atOnce.status == 403 && atOnce.text.contains("not you"))
    let later = try await client.post("\(Self.greeter)/list", json: #"{"name":"Ada error"}"#)
    #expect(later.status == 200)
    #expect(
      later.text.hasSuffix("\n{\"error\":{\"detail\":\"in the middle\",\"code\":\"aborted\"}}\n"))
    let event = try await client.get(
      "\(Self.greeter)/list?name=Ada+error", headers: [("accept", "text/event-stream")])
    #expect(event.text.contains("event: error\ndata: {\"detail\":\"in the middle\""))
    #expect(!event.text.contains("event: end"))
    await client.close()
  }

  @Test func requestsOfAStreamAreLines() async throws {
    let client = try Self.client()
    let body = "{\"name\":\"Ada\"}\r\n\n  \n{\"name\":\"Bob\"}\n{\"name\":\"Cy\"}"
    let record = try await client.request(
      "POST", "\(Self.greeter)/record", headers: [("content-type", "application/x-ndjson")],
      body: Array(body.utf8))
    #expect(record.text == #"{"text":"Ada and Bob and Cy"}"#)
    let chat = try await client.request("POST", "\(Self.greeter)/chat", body: Array(body.utf8))
    #expect(chat.text.split(separator: "\n").count == 3)
    let empty = try await client.request("POST", "\(Self.greeter)/record")
    #expect(empty.text == "{}")
    let broken = try await client.request(
      "POST", "\(Self.greeter)/record", body: Array("{\"name\":\"Ada\"}\n{".utf8))
    #expect(broken.status == 400)
    let compressed = try await client.request(
      "POST", "\(Self.greeter)/record", headers: [("content-encoding", "gzip")], body: [1, 2])
    #expect(compressed.status == 415)
    await client.close()
  }

  @Test func deadlineAndMetadataComeFromHeaders() async throws {
    let client = try Self.client()
    let late = try await client.post(
      "\(Self.greeter)/sayhello", json: #"{"name":"slow"}"#, headers: [("grpc-timeout", "10m")])
    #expect(late.status == 504)
    let malformed = try await client.post(
      "\(Self.greeter)/sayhello", json: "{}", headers: [("grpc-timeout", "soon")])
    #expect(malformed.status == 400 && malformed.text.contains("grpc-timeout"))
    let metadata = try await client.post(
      "\(Self.greeter)/sayhello", json: #"{"name":"metadata"}"#, headers: [("User", "ada")])
    #expect(metadata.text.contains("ada") && metadata.header("trailer-took") == "1")
    await client.close()
  }

  @Test func responsesAreCompressedWhenAsked() async throws {
    var options = ServerOptions()
    options.responseCoding = .gzip
    let client = try Self.client(options: options)
    let response = try await client.post(
      "\(Self.greeter)/sayhello", json: "{}", headers: [("accept-encoding", "gzip")])
    #expect(response.header("content-encoding") == "gzip" && response.body.prefix(2) == [0x1f, 0x8b])
    let again = try await client.request(
      "POST", "\(Self.greeter)/sayhello", headers: [("content-encoding", "gzip")], body: [0x1f, 0x8b])
    #expect(again.status == 400 && again.text.contains("malformed"))
    await client.close()
  }

  @Test func baseAndPathStandInFront() async throws {
    let client = try Self.client(basePath: "/api/v1/")
    let response = try await client.post(
      "/api/v1/grpc/greeterservice/sayhello", json: #"{"name":"A"}"#)
    #expect(response.status == 200)
    #expect(try await client.post("\(Self.greeter)/sayhello", json: "{}").status == 404)
    await client.close()
  }
}
