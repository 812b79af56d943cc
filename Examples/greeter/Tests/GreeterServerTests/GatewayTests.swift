// SPDX-License-Identifier: Apache-2.0
import Amaru
import Testing

@testable import greeter_server

/// The services over HTTP, in memory: no port is taken.
struct GatewayTests {
  private func client(_ flags: String...) throws -> TestClient {
    try TestClient(GreeterServer.makeApp(Arguments(flags)))
  }

  @Test func aGreetingAndAnError() async throws {
    let client = try client()
    var response = try await client.post(
      "/grpc/greeterservice/sayhello", json: #"{"name": "World"}"#)
    #expect(response.status == 200)
    #expect(response.text == #"{"message":"Hello, World!"}"#)

    response = try await client.post(
      "/grpc/greeterservice/sayhello", json: #"{"name": "error"}"#)
    #expect(response.status == 400)
    #expect(response.text == #"{"detail":"Invalid request","code":"invalid_argument"}"#)
    await client.close()
  }

  @Test func theBasePathStandsInFrontOfThePath() async throws {
    let client = try client("--base-path", "/api/v1", "--path", "/hello")
    let here = try await client.get("/api/v1/hello/greeterservice/sayhello?name=World")
    #expect(here.status == 200)
    let there = try await client.get("/grpc/greeterservice/sayhello?name=World")
    #expect(there.status == 404)
    await client.close()
  }

  @Test func onlyTheAllowedMethodsAreServed() async throws {
    let client = try client("--http-methods", "POST")
    let refused = try await client.get("/grpc/greeterservice/sayhello?name=World")
    #expect(refused.status == 405)
    #expect(refused.header("allow") == "POST")
    let served = try await client.post("/grpc/greeterservice/sayhello", json: "{}")
    #expect(served.status == 200)
    await client.close()
  }

  /// A request, the status and a part of the answer.
  static let requests: [(path: String, json: String, status: Int, answer: String)] = [
    ("greet", #"{"name":"Ada","language":"LANGUAGE_SPANISH"}"#, 200, "¡Hola, Ada!"),
    ("greet", #"{"name":""}"#, 400, "name has 0 bytes"),
    ("greet", #"{"name":"Ada","language":4}"#, 400, "language 4 is not known"),
    ("greetagain", #"{"name":"Ada"}"#, 200, #""number":3"#),
    ("greetagain", #"{"name":"Ada","count":1000}"#, 200, #""number":1000"#),
    ("greetagain", #"{"name":"Ada","count":1001}"#, 400, "count is 1001"),
    ("greetagain", #"{"name":"Ada","count":-1}"#, 400, "count is -1"),
    ("greetagain", #"{"name":"Ada","interval":"61s"}"#, 400, "interval is 61 s"),
    ("greetagain", #"{"name":"Ada","interval":"-1s"}"#, 400, "interval is -1 s"),
    ("greettogether", "", 400, "there was no request"),
    ("chat", #"{"name":"Ada"}"#, 200, #""number":1"#),
  ]

  @Test(arguments: requests)
  func everyMethodKeepsItsLimits(
    _ path: String, _ json: String, _ status: Int, _ answer: String
  ) async throws {
    let client = try client()
    let response = try await client.post("/grpc/greetingsservice/\(path)", json: json)
    #expect(response.status == status)
    #expect(response.text.contains(answer))
    await client.close()
  }

  @Test(arguments: [(100, 200), (101, 429)])
  func oneCallGreetsAHundred(_ count: Int, _ status: Int) async throws {
    let client = try client()
    let lines = String(repeating: "{\"name\":\"Ada\"}\n", count: count)
    let response = try await client.request(
      "POST", "/grpc/greetingsservice/greettogether",
      headers: [("content-type", "application/x-ndjson")], body: Array(lines.utf8))
    #expect(response.status == status)
    await client.close()
  }
}
