// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruTestSupport
import Testing

@testable import AmaruProtocols

@Suite(.ownThread)
struct GRPCMessageTests {
  private static let one = Envelope.bytes(Text("hello").encoded())

  @Test func aUnaryCallIsAnsweredFromWhereItLies() throws {
    let bench = try CallBench()
    bench.begin("Unary")
    bench.receive(Self.one, end: true)
    #expect(bench.stream.heads == [[":status: 200", "content-type: application/grpc"]])
    #expect(bench.stream.texts == ["hello"])
    #expect(bench.stream.trailers == ["grpc-status: 0"])
    #expect(bench.stream.keptBytes == 0)
  }

  @Test(arguments: ["Unary", "List", "Collect", "Chat"], [false, true])
  func everySplitOfAMessageGivesTheSame(_ method: String, _ endsApart: Bool) throws {
    for pieces in everySplit(of: Self.one) {
      let bench = try CallBench()
      bench.begin(method)
      for piece in pieces.dropLast() { bench.receive(piece) }
      bench.receive(pieces.last ?? [], end: !endsApart)
      if endsApart { bench.receive([], end: true) }
      bench.finish()
      #expect(bench.stream.texts == ["hello"])
      #expect(bench.stream.status == 0)
      #expect(bench.stream.keptBytes == 0)
      #expect(bench.overcredit <= 0)
    }
  }

  @Test(arguments: [
    ("Unary", 0), ("Unary", 2), ("Unary", 3), ("List", 0), ("List", 2),
  ])
  func aMethodOfOneMessageTakesJustOne(_ method: String, _ count: Int) throws {
    for isTogether in [false, true] {
      let bench = try CallBench()
      bench.begin(method)
      if isTogether {
        bench.receive((0..<count).flatMap { _ in Self.one }, end: true)
      } else {
        for _ in 0..<count { bench.receive(Self.one) }
        bench.receive([], end: true)
      }
      bench.finish()
      #expect(bench.stream.status == 13)
      #expect(bench.stream.texts.isEmpty)
      #expect(bench.stream.value("grpc-message")?.contains("\(count)") == true)
    }
  }

  @Test(arguments: ["Unary", "List", "Collect", "Chat"])
  func aRequestThatEndsInsideAMessageIsInternal(_ method: String) throws {
    for cut in 1..<Self.one.count {
      let bench = try CallBench()
      bench.begin(method)
      bench.receive(Array(Self.one[..<cut]), end: true)
      bench.finish()
      #expect(bench.stream.status == 13)
      #expect(bench.stream.heads.count == 1)
    }
  }

  @Test(arguments: ["Unary", "List", "Collect", "Chat"], [0, 1])
  func oversizedEnvelopeEndsTheCallWithResourceExhausted(_ method: String, _ more: Int) throws {
    var limits = Limits()
    limits.maxReceivedMessageBytes = 100
    let text = String(repeating: "x", count: 98 + more)
    let bytes = Envelope.bytes(Text(text).encoded())
    // The length alone is enough: none of the bytes have to come.
    for count in more == 0 ? [bytes.count] : [5, 6, bytes.count] {
      let bench = try CallBench(limits: limits)
      bench.begin(method)
      bench.receive(Array(bytes[..<count]), end: count == bytes.count)
      bench.finish()
      #expect(bench.stream.status == (more == 0 ? 0 : 8))
      #expect(bench.stream.texts == (more == 0 ? [text] : []))
    }
  }

  @Test(arguments: ["Unary", "Collect"], [2, 0x80, 0xff] as [UInt8])
  func anUnknownFlagEndsTheCall(_ method: String, _ flag: UInt8) throws {
    let bench = try CallBench()
    bench.begin(method)
    bench.receive(Envelope.bytes([], flag: flag), end: true)
    bench.finish()
    #expect(bench.stream.status == 13)
  }

  @Test(arguments: ["Unary", "List", "Collect", "Chat"])
  func aCompressedMessageWithoutAnEncodingIsInternal(_ method: String) throws {
    let bench = try CallBench()
    bench.begin(method)
    bench.receive(Envelope.bytes(Text("x").encoded(), flag: 1), end: true)
    bench.finish()
    #expect(bench.stream.status == 13)
    #expect(bench.stream.value("grpc-message")?.contains("grpc-encoding") == true)
  }

  @Test(arguments: [ContentCoding.gzip, .deflate], ["Unary", "List", "Collect", "Chat"])
  func compressedMessagesAreRead(_ coding: ContentCoding, _ method: String) throws {
    let bench = try CallBench()
    bench.begin(method, [Field("grpc-encoding", coding.rawValue)])
    let message = Compression().compress(Text("hello").encoded(), coding)
    bench.receive(Envelope.bytes(message, flag: 1), end: true)
    bench.finish()
    #expect(bench.stream.status == 0)
    #expect(bench.stream.texts == ["hello"])
    #expect(bench.stream.messages.map(\.flag) == [0])
  }

  @Test func aBombIsExhausted() throws {
    let bench = try CallBench()
    bench.begin("Unary", ["grpc-encoding: gzip"])
    let bomb = Compression().compress([UInt8](repeating: 0, count: 8 << 20), .gzip)
    bench.receive(Envelope.bytes(bomb, flag: 1), end: true)
    bench.finish()
    #expect(bench.stream.status == 8)
    #expect(bench.log.all.isEmpty)
  }

  @Test(arguments: [
    ("gzip", true), ("identity,gzip", true), ("deflate", false), ("identity", false), ("", false),
  ])
  func responsesAreCompressedForWhomAcceptsIt(_ accepted: String, _ isCompressed: Bool) throws {
    let bench = try CallBench(responseCoding: .gzip)
    bench.begin("Chat", [Field("grpc-accept-encoding", accepted)])
    let text = String(repeating: "abc", count: 500)
    bench.receive(text, end: true)
    bench.finish()
    #expect(bench.stream.value("grpc-encoding") == (isCompressed ? "gzip" : nil))
    #expect(bench.stream.value("grpc-accept-encoding") == "identity,deflate,gzip")
    let (flag, message) = try #require(bench.stream.messages.first)
    #expect(flag == (isCompressed ? 1 : 0))
    let plain = isCompressed ? try Compression().decompress(message) : message
    #expect(try Text(decoding: plain).value == text)
  }

  @Test func aHandlerMayTurnCompressionOnAndOff() throws {
    let bench = try CallBench(
      TestService(
        .serverStreaming(TestMethods.list) { request, responses, context in
          context.compressesResponses = true
          try await responses.write(request)
          context.compressesResponses = false
          try await responses.write(request)
        }))
    bench.begin("List", ["grpc-accept-encoding: gzip"])
    bench.receive("hello", end: true)
    bench.finish()
    #expect(bench.stream.messages.map(\.flag) == [1, 0])
  }

  // MARK: Credit and memory

  @Test(arguments: [1, 7, 100, 1000, 4096])
  func creditIsNeverMoreThanWasReceivedAndAllOfItComesBack(_ piece: Int) throws {
    let gate = Notes<Void>()
    let bench = try CallBench(
      TestService(
        .clientStreaming(TestMethods.collect) { requests, _ in
          var count = 0
          for try await _ in requests {
            count += 1
            gate.add(())
          }
          return Text("\(count)")
        }))
    bench.begin("Collect")
    let sizes = [10, 5000, 1, 20_000, 0, 300, 300, 9000, 2]
    let bytes = sizes.flatMap { Envelope.bytes(Text(String(repeating: "x", count: $0)).encoded()) }
    var position = 0
    while position < bytes.count {
      let end = min(position + piece, bytes.count)
      bench.receive(Array(bytes[position..<end]))
      #expect(bench.overcredit <= 0)
      position = end
    }
    #expect(bench.overcredit == 0)
    #expect(bench.stream.keptBytes == 0)
    bench.receive([], end: true)
    bench.finish()
    #expect(bench.stream.texts == ["\(sizes.count)"])
  }

  @Test func aLargeMessageFollowedByASmallOneIsNotCreditedTwice() throws {
    let bench = try CallBench()
    bench.begin("Chat")
    let large = Envelope.bytes(Text(String(repeating: "x", count: 10_000)).encoded())
    let small = Envelope.bytes(Text("y").encoded())
    for _ in 0..<20 {
      bench.receive(Array(large[..<9000]))
      bench.receive(Array(large[9000...]) + small)
      #expect(bench.overcredit == 0)
    }
    #expect(bench.stream.texts.count == 40)
  }

  @Test func noCreditIsGivenWhileTheHandlerTakesNothing() throws {
    let gate = AsyncStream<Void>.makeStream()
    let bench = try CallBench(
      TestService(
        .clientStreaming(TestMethods.collect) { requests, _ in
          for await _ in gate.stream { break }
          var count = 0
          for try await _ in requests { count += 1 }
          return Text("\(count)")
        }))
    bench.begin("Collect")
    bench.receive("a")
    bench.receive("b", "c")
    #expect(bench.stream.credited == 0)
    #expect(bench.stream.keptBytes > 0)
    gate.continuation.yield()
    bench.loop.run { bench.stream.keptBytes == 0 }
    #expect(bench.overcredit == 0)
    bench.receive([], end: true)
    bench.finish()
    #expect(bench.stream.texts == ["3"])
  }

  @Test func whatIsMissingOfAMessageIsLetInHoweverSmallTheWindow() throws {
    let bench = try CallBench()
    bench.begin("Unary")
    let bytes = Envelope.bytes(Text(String(repeating: "x", count: 5000)).encoded())
    for byte in bytes.dropLast() {
      bench.receive([byte])
      #expect(bench.overcredit == 0)
    }
    bench.receive([bytes[bytes.count - 1]], end: true)
    bench.finish()
    #expect(bench.stream.status == 0)
  }

  @Test(arguments: [false, true])
  func aBorrowedMessageSurvivesAHandlerThatSuspendsBeforeItTakesIt(_ isOffLoop: Bool) throws {
    struct Late: Interceptor {
      func intercept(
        _ context: CallContext, next: @Sendable (CallContext) async throws -> Void
      ) async throws {
        await Task.yield()
        await Task.detached { await Task.yield() }.value
        try await next(context)
      }
    }
    let echo = Handler.unary(TestMethods.unary) { request, _ in request }
    let bench = try CallBench(
      TestService(isOffLoop ? echo.offLoop() : echo), interceptors: isOffLoop ? [] : [Late()])
    bench.begin("Unary")
    bench.receive(Self.one, end: true)
    bench.finish()
    #expect(bench.stream.texts == ["hello"])
    #expect(bench.stream.keptBytes == 0)
  }

  @Test func aCallThatGivesWayToTheConnectionsLimitIsExhausted() throws {
    let bench = try CallBench()
    bench.begin("Collect")
    bench.receive(Array(Self.one[..<3]))
    bench.handler?.overflow()
    bench.loop.runReadyJobs()
    #expect(bench.stream.status == 8)
    #expect(bench.stream.isEnded)
  }
}
