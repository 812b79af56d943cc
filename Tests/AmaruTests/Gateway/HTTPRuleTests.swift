// SPDX-License-Identifier: Apache-2.0
import Amaru
import GoldenRules
import Testing

/// Calls by rules of `google.api.http`, over HTTP/1.1 in memory.
struct HTTPRuleTests {
  private static func client(
    rules: String? = nil, followsRules: Bool = true, limits: Limits = Limits()
  ) throws -> TestClient {
    var routes = HTTPRoutes()
    routes.followsRules = followsRules
    if let rules { routes.rules = try Google_Api_Http(json: rules).rules }
    var options = ServerOptions()
    options.httpRoutes = routes
    options.limits = limits
    let gateway = GRPCGateway(path: "/grpc", services: [LibraryService()], exposeHTTP: true)
    return try TestClient(GatewayApp([gateway], options: options))
  }

  @Test(arguments: [
    ("GET /v1/shelves/1/books/2", "", #"{"name":"shelves/1/books/2"}"#),
    ("GET /v1/books/a%2Fb", "", #"{"name":"a/b"}"#),
    (
      "POST /v1/shelves/1/books?validate_only=true", #"{"title":"T"}"#,
      #"{"name":"shelves/1/valid","title":"T"}"#
    ),
    (
      "PATCH /v1/shelves/1/books/2?update_mask=title,authors", #"{"title":"T","name":"x"}"#,
      #"{"name":"shelves/1/books/2","title":"T","authors":["title","authors"]}"#
    ),
    (
      "PUT /v1/shelves/1/books/2", #"{"title":"T","name":"x"}"#,
      #"{"name":"shelves/1/books/2","title":"T"}"#
    ),
    ("PUT /v1/shelves/1/books/2", "", #"{"name":"shelves/1/books/2"}"#),
    ("DELETE /v1/shelves/1/books/2", "", #"{"title":"deleted shelves/1/books/2"}"#),
    ("CHECK /v1/shelves/1/books/2", "", #"{"title":"checked shelves/1/books/2"}"#),
    ("POST /v1/shelves/1/books/2:cancel", "{}", #"{"title":"cancelled shelves/1/books/2"}"#),
    ("GET /v1/titles?words=a&words=b", "", #"["a","b"]"#),
    ("GET /v1/titles", "", "[]"),
    ("GET /v1/search?child.page_size=5&colors=1", "", #"{"colors":["COLOR_RED"],"child":{"pageSize":5}}"#),
  ])
  func aRequestCallsTheMethodOfItsRule(
    _ request: String, _ body: String, _ answer: String
  ) async throws {
    let client = try Self.client()
    let words = request.split(separator: " ").map(String.init)
    let headers = body.isEmpty ? [] : [("content-type", "application/json")]
    let response = try await client.request(
      words[0], words[1], headers: headers, body: Array(body.utf8))
    #expect(response.status == 200)
    #expect(response.text == answer)
    #expect(response.header("content-type") == "application/json")
    await client.close()
  }

  @Test(arguments: [
    ("GET /v1/books/missing", "", 404, "no such book"),
    ("GET /v1/search?page_sise=1", "", 400, "the parameter 'page_sise' is not known: rules.Query has no field 'page_sise'"),
    ("GET /v1/books/1?name=2", "", 400, "the parameter 'name' is in the path already; leave it out of the query"),
    ("DELETE /v1/shelves/1/books/2", "{}", 400, "DELETE /v1/{name=shelves/*/books/*} takes no body; send fields in the query"),
    (
      "POST /v1/shelves/1/books", #"{"title":5}"#, 400,
      "the request is not a valid rules.CreateBookRequest: JSON line 1, column 10, at book.title: expected a string"
    ),
    (
      "POST /v1/shelves/1/books", #"{},"parent":"x""#, 400,
      "the body is not the JSON of 'book': JSON line 1, column 3: the text goes on after the message"
    ),
    (
      "PUT /v1/shelves/1/books/2", #"{"title":5}"#, 400,
      "the request is not a valid rules.Book: JSON line 1, column 10, at title: expected a string"
    ),
    (
      "GET /v1/shelves/../books/2", "", 400,
      "the segment '..' of the path cannot be; it must be percent-encoded UTF-8, and no . or .."
    ),
    ("POST /v1/shelves/1/books/2", "{}", 405, "POST is not allowed at /v1/shelves/1/books/2; use CHECK, DELETE, GET, PATCH, PUT"),
    ("GET /v1/shelves", "", 404, "there is no route for GET /v1/shelves"),
  ])
  func anErrorSaysWhatIsWrong(
    _ request: String, _ body: String, _ status: Int, _ detail: String
  ) async throws {
    let client = try Self.client()
    let words = request.split(separator: " ").map(String.init)
    let headers = body.isEmpty ? [] : [("content-type", "application/json")]
    let response = try await client.request(
      words[0], words[1], headers: headers, body: Array(body.utf8))
    #expect(response.status == status)
    #expect(response.text.contains(detail), "\(response.text)")
    #expect((response.header("allow") != nil) == (status == 405))
    await client.close()
  }

  @Test func aWrongParameterIsAmongTheDetails() async throws {
    let client = try Self.client()
    let response = try await client.get("/v1/search?page_size=x")
    #expect(response.text.contains("google.rpc.BadRequest"))
    await client.close()
  }

  @Test func aHeadIsThatOfAGetWithoutItsBody() async throws {
    let client = try Self.client()
    for (path, status) in [("/v1/books/1", 200), ("/v1/books/missing", 404)] {
      let response = try await client.request("HEAD", path)
      #expect(response.status == status)
      #expect(response.header("content-type") == "application/json")
      #expect(response.body.isEmpty)
    }
    let stream = try await client.request("HEAD", "/v1/shelves/1/books:watch")
    #expect(stream.status == 405 && stream.body.isEmpty)
    await client.close()
  }

  // MARK: Streams

  @Test func responsesComeAsLinesOrEvents() async throws {
    let client = try Self.client()
    let lines = try await client.get("/v1/shelves/1/books:watch")
    #expect(lines.text == "{\"name\":\"shelves/1/1\"}\n{\"name\":\"shelves/1/2\"}\n")
    #expect(lines.header("content-type") == "application/x-ndjson")
    let events = try await client.get(
      "/v1/shelves/1/books:watch", headers: [("accept", "text/event-stream")])
    #expect(events.text.hasPrefix("data: {\"name\":\"shelves/1/1\"}\n\n"))
    let lost = try await client.get("/v1/shelves/lost/books:watch")
    #expect(lost.text.split(separator: "\n").last?.hasPrefix(#"{"error":{"detail":"lost""#) == true)
    await client.close()
  }

  @Test func eachLineOfARequestHasTheFieldsOfThePath() async throws {
    let client = try Self.client()
    let body = """
      {"book":{"title":"A"},"parent":"x"}

      {"book":{"title":"B"}}
      """
    let response = try await client.request(
      "POST", "/v1/shelves/1/books:import", headers: [("content-type", "application/x-ndjson")],
      body: Array(body.utf8))
    #expect(response.text == #"{"titles":["shelves/1: A","shelves/1: B"]}"#)
    await client.close()
  }

  // MARK: Raw bodies

  @Test func rawBodiesComeAndGoAsTheyAre() async throws {
    let client = try Self.client()
    let download = try await client.get("/v1/files/a/b%2Fc")
    #expect(download.text == "a/b%2Fc")
    #expect(download.header("content-type") == "text/plain")
    let data: [UInt8] = [0, 255, 0x7b]
    let upload = try await client.request(
      "PUT", "/v1/files/x", headers: [("content-type", "image/png")], body: data)
    #expect(upload.body == data)
    #expect(upload.header("content-type") == "image/png")
    await client.close()
  }

  @Test func rawBodiesStream() async throws {
    let client = try Self.client()
    let fetched = try await client.get("/v1/streams/a/b/c")
    #expect(fetched.text == "abc")
    #expect(fetched.header("content-type") == "application/x-parts")
    let empty = try await client.get("/v1/streams")
    #expect(empty.status == 200 && empty.body.isEmpty)
    let missing = try await client.get("/v1/streams/missing")
    #expect(missing.status == 404)
    // There is no room for an error behind raw bytes: the response is cut off, unless nothing of it has left.
    let lost = try? await client.get("/v1/streams/a/lost")
    #expect(lost == nil || lost?.status == 500)
    let data = Array(repeating: UInt8(ascii: "x"), count: 700_000)
    let stored = try await client.request(
      "POST", "/v1/streams/a/b", headers: [("content-type", "text/x")], body: data)
    #expect(
      stored.text == #"{"titles":["a/b text/x","xxxxxxxxxxxxxxxxxxxx"],"count":700000}"#)
    let nothing = try await client.request("POST", "/v1/streams/a")
    #expect(nothing.text == #"{"titles":["a ",""]}"#)
    await client.close()
  }

  @Test func aRawBodyIsHeldToTheLimitOfAMessage() async throws {
    var limits = Limits()
    limits.maxReceivedMessageBytes = 1000
    let client = try Self.client(limits: limits)
    for (count, status) in [(1000, 200), (1001, 429)] {
      let data = [UInt8](repeating: 1, count: count)
      let response = try await client.request("PUT", "/v1/files/x", body: data)
      #expect(response.status == status)
      // A stream is not: its pieces are.
      let stored = try await client.request("POST", "/v1/streams/x", body: data)
      #expect(stored.text.hasSuffix(#""count":\#(count)}"#))
    }
    await client.close()
  }

  // MARK: Rules at run time

  @Test func rulesAtRunTimeComeInPlaceOfOthers() async throws {
    let rules = """
      {"rules": [
        {"selector": "rules.Library.GetBook", "get": "/books/{name=**}"},
        {"selector": "rules.Library.Ping", "custom": {"kind": "*", "path": "/**"}, "body": "*"}
      ]}
      """
    let client = try Self.client(rules: rules)
    #expect(try await client.get("/books/a/b").text == #"{"name":"a/b"}"#)
    let other = try await client.request(
      "OTHER", "/v1/books/1", headers: [("content-type", "application/json")],
      body: Array(#"{"title":"T"}"#.utf8))
    #expect(other.text == #"{"title":"T"}"#)
    #expect(try await client.get("/v1/shelves/1/books/2").status == 200)
    // A rule for every path leaves the methods of Connect what they are.
    let connect = try await client.post("/rules.Library/GetBook", json: #"{"name":"n"}"#)
    #expect(connect.text == #"{"name":"n"}"#)
    await client.close()
  }

  @Test func rulesAtRunTimeWorkWithoutThoseOfTheDescriptors() async throws {
    let rules = #"{"rules": [{"selector": "rules.Library.GetBook", "get": "/books/{name}"}]}"#
    let client = try Self.client(rules: rules, followsRules: false)
    #expect(try await client.get("/books/a").text == #"{"name":"a"}"#)
    #expect(try await client.get("/v1/books/a").status == 404)
    await client.close()
  }

  @Test func aWrongRuleKeepsTheServerFromStarting() {
    #expect {
      try Self.client(rules: #"{"rules": [{"selector": "rules.Library.GetBook", "get": "v1"}]}"#)
    } throws: { error in
      "\(error)" == """
        the HTTP rule for rules.Library/GetBook: the path template 'v1', position 1: a template begins with '/'
        """
    }
  }
}
