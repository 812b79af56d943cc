// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruTestSupport
import Testing

@testable import AmaruProtocols

@Suite(.ownThread)
struct GRPCRequestTests {
  @Test(arguments: [
    ("application/grpc", "application/grpc"), ("application/grpc+proto", "application/grpc+proto"),
    ("application/grpc; charset=utf-8", "application/grpc"), ("Application/GRPC", "application/grpc"),
    ("application/grpc ;x=y", "application/grpc"), ("application/grpc+proto;a", "application/grpc+proto"),
  ])
  func aGRPCContentTypeIsServedAndAnsweredInKind(_ type: String, _ answer: String) throws {
    let bench = try CallBench()
    #expect(bench.begin("Unary", contentType: type))
    bench.receive("x", end: true)
    #expect(bench.stream.status == 0)
    #expect(bench.stream.value("content-type") == answer)
  }

  @Test(arguments: [
    nil, "", "application/json", "application/grpcweb", "application/grpc-webs",
    "application/grpc+xml", "application/grpcx", "text/plain; application/grpc", "application/grpc+",
    "application/grpc,application/grpc",
  ])
  func anotherContentTypeIsNotGRPC(_ type: String?) throws {
    let bench = try CallBench()
    #expect(!bench.begin("Unary", contentType: type))
    #expect(bench.stream.heads.isEmpty)
  }

  @Test(arguments: [
    ("/test.v1.Test/Nothing", 12), ("/no.Service/X", 12), ("test.v1.Test/Unary", 12), ("/", 12),
    ("/test.v1.Test/Unary/", 12),
  ])
  func aPathWithoutMethodIsRefusedAtOnceInOneBlock(_ path: String, _ status: Int) throws {
    let bench = try CallBench()
    #expect(bench.begin(path.hasPrefix("/") ? path : "/" + "x"))
    #expect(bench.stream.heads.count == 1)
    #expect(bench.stream.isEnded)
    #expect(bench.stream.trailers == nil)
    #expect(bench.stream.status == status)
    #expect(bench.stream.value(":status") == "200")
    #expect(bench.stream.value("content-type") == "application/grpc")
    bench.receive("ignored", end: true)
    #expect(bench.stream.heads.count == 1)
  }

  @Test func anUnknownEncodingIsUnimplementedAndNamesTheKnownOnes() throws {
    let bench = try CallBench()
    bench.begin("Unary", ["grpc-encoding: snappy"])
    #expect(bench.stream.status == 12)
    #expect(bench.stream.value("grpc-accept-encoding") == "identity,deflate,gzip")
    #expect(bench.stream.value("grpc-message")?.contains("snappy") == true)
  }

  @Test(arguments: ["x", "1", "123456789S", "-1S", "1 S", ""])
  func aMalformedTimeoutIsRefused(_ timeout: String) throws {
    let bench = try CallBench()
    bench.begin("Unary", [Field("grpc-timeout", timeout)])
    #expect(bench.stream.status == 13)
    #expect(bench.deadlines.count == 0)
  }

  @Test func aListThatWasCutIsExhausted() throws {
    let bench = try CallBench()
    var fields = HTTPFields()
    for field in grpcFields("/test.v1.Test/Unary") { fields.add(field.name, field.value) }
    _ = bench.begin(HTTPHead(fields, isTruncated: true))
    #expect(bench.stream.status == 8)
    #expect(bench.stream.isEnded)
  }

  @Test func metadataIsWhatIsNotHTTPsOrGRPCs() throws {
    let notes = Notes<Metadata>()
    let bench = try CallBench(
      TestService(
        .unary(TestMethods.unary) { request, context in
          notes.add(context.metadata)
          return request
        }))
    bench.begin(
      "Unary",
      [
        "user-agent: test", "grpc-timeout: 10S", "grpc-anything: x", "key: 1", "other: 2", "key: 3",
        "empty: ", "one-bin: AAEC", "padded-bin: Zg==", "plain-bin: Zg", "list-bin: Zg==,Zm8,",
        "spaced-bin: Zg== , Zm8", "bad-bin: *", "half-bin: Zg,*", "no-bin: ", "tab-bin: Zg\t",
        "host: example",
      ])
    bench.receive("x", end: true)
    let metadata = try #require(notes.all.first)
    #expect(metadata["key"] == [.text("1"), .text("3")])
    #expect(metadata.text("user-agent") == "test")
    #expect(metadata.text("empty") == "")
    #expect(metadata.binary("one-bin") == [0, 1, 2])
    #expect(metadata.binary("padded-bin") == [0x66])
    #expect(metadata.binary("plain-bin") == [0x66])
    #expect(metadata["list-bin"] == [.binary([0x66]), .binary([0x66, 0x6f]), .binary([])])
    #expect(metadata["spaced-bin"] == [.binary([0x66]), .binary([0x66, 0x6f])])
    #expect(metadata["tab-bin"] == [.binary([0x66])])
    #expect(metadata["bad-bin"].isEmpty)
    #expect(metadata["half-bin"] == [.binary([0x66])])
    #expect(metadata["no-bin"] == [.binary([])])
    for name in ["grpc-timeout", "grpc-anything", "te", "content-type", ":path", "host"] {
      #expect(metadata[name].isEmpty, "\(name)")
    }
  }

  @Test func theContextKnowsMethodPeerAndDeadline() throws {
    let notes = Notes<String>()
    let bench = try CallBench(
      TestService(
        .unary(TestMethods.unary) { request, context in
          notes.add("\(context.method.fullName) \(context.peer) \(context.deadline?.nanoseconds ?? 0)")
          return request
        }))
    bench.begin("Unary", ["grpc-timeout: 5u"])
    bench.receive("x", end: true)
    #expect(notes.all == ["test.v1.Test/Unary ipv4:127.0.0.1:1234 6000"])
  }

  @Test func aHeadThatComesAgainIsNotInterpretedTwice() throws {
    let bench = try CallBench()
    var fields = HTTPFields()
    for field in grpcFields("/test.v1.Test/Unary") { fields.add(field.name, field.value) }
    let head = HTTPHead(fields)
    #expect(bench.begin(head))
    let first = head.interpretation
    #expect(first != nil)
    #expect(bench.begin(head))
    #expect(head.interpretation === first)
  }
}
