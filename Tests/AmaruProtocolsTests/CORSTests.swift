// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruTestSupport
import Testing

@testable import AmaruProtocols

/// Pages of other origins, by the CORS protocol of the Fetch standard.
@Suite(.ownThread)
struct CORSTests {
  private static let preflight: [Field] = [
    "origin: https://a.example", "access-control-request-method: POST",
    "access-control-request-headers: content-type,x-grpc-web",
  ]
  private static let call: [Field] = [
    "origin: https://a.example", "content-type: application/grpc-web",
  ]

  @Test func aPreflightIsAnsweredWithWhatAPageMaySend() throws {
    let bench = try CallBench(cors: CORS(maxAge: .seconds(60)))
    bench.select(Self.preflight, method: "OPTIONS")
    #expect(
      bench.stream.heads == [
        [
          ":status: 204", "access-control-allow-origin: *", "access-control-allow-methods: GET,POST",
          "access-control-allow-headers: content-type,x-grpc-web", "access-control-max-age: 60",
        ]
      ])
    #expect(bench.stream.isEnded)
  }

  @Test func anOriginOfTheListMaySendCredentials() throws {
    let bench = try CallBench(
      cors: CORS(origins: ["https://a.example"], allowsCredentials: true))
    bench.select(Self.preflight, method: "OPTIONS")
    #expect(bench.stream.value(":status") == "204")
    #expect(bench.stream.value("access-control-allow-origin") == "https://a.example")
    #expect(bench.stream.value("access-control-allow-credentials") == "true")
    #expect(bench.stream.value("access-control-max-age") == "7200")
    #expect(bench.stream.value("vary") == "origin")
  }

  @Test func everyOriginNeverMeansCredentials() throws {
    let bench = try CallBench(cors: CORS(allowsCredentials: true))
    bench.select(Self.preflight, method: "OPTIONS")
    #expect(bench.stream.value("access-control-allow-origin") == "*")
    #expect(bench.stream.value("access-control-allow-credentials") == nil)
  }

  @Test(arguments: ["https://b.example", "https://a.example.b.example", "http://a.example", "null"])
  func anotherOriginIsRefused(_ origin: String) throws {
    let bench = try CallBench(cors: CORS(origins: ["https://a.example"]))
    bench.select(
      [Field("origin", origin), "access-control-request-method: POST"], method: "OPTIONS")
    #expect(bench.stream.heads == [[":status: 403", "vary: origin"]])
  }

  @Test func aResponseExposesItsFields() throws {
    let bench = try CallBench(
      TestService(
        .unary(TestMethods.unary) { request, context in
          try context.responseMetadata.add("first", "1")
          try context.responseMetadata.add("first", "2")
          return request
        }), cors: CORS(origins: ["https://a.example"]))
    bench.select(Self.call)
    bench.receive("a", end: true)
    bench.finish()
    #expect(
      bench.stream.heads == [
        [
          ":status: 200", "content-type: application/grpc-web+proto", "first: 1", "first: 2",
          "vary: origin", "access-control-allow-origin: https://a.example",
          "access-control-expose-headers: first",
        ]
      ])
    #expect(bench.stream.texts.first == "a")
  }

  @Test func anErrorInTheHeadCanBeRead() throws {
    let bench = try CallBench(cors: CORS())
    bench.select(Self.call, path: "/test.v1.Test/Nowhere")
    #expect(bench.stream.value("grpc-status") == "12")
    let exposed = try #require(bench.stream.value("access-control-expose-headers"))
    #expect(exposed.split(separator: ",").contains("grpc-status"))
    #expect(exposed.split(separator: ",").contains("grpc-message"))
  }

  @Test func aCallOfAnotherOriginIsServedWithoutBeingShown() throws {
    let bench = try CallBench(cors: CORS(origins: []))
    bench.select(Self.call)
    bench.receive("a", end: true)
    bench.finish()
    #expect(bench.stream.value("access-control-allow-origin") == nil)
    #expect(bench.stream.value("access-control-expose-headers") == nil)
  }

  @Test func withoutItNothingIsSaidOfOrigins() throws {
    let bench = try CallBench()
    bench.select(Self.preflight, method: "OPTIONS")
    #expect(bench.stream.value(":status") == "415")
    let call = try CallBench()
    call.select(Self.call)
    call.receive("a", end: true)
    call.finish()
    #expect(call.stream.heads == [[":status: 200", "content-type: application/grpc-web+proto"]])
  }

  @Test func whoIsNoPageSeesNoDifference() throws {
    let bench = try CallBench(cors: CORS(origins: ["https://a.example"]))
    bench.begin("Unary")
    bench.receive("a", end: true)
    bench.finish()
    #expect(bench.stream.heads == [[":status: 200", "content-type: application/grpc"]])
  }
}
