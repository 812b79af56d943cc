// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruTestSupport
import Testing

@testable import AmaruProtocols

/// How a call ends before its handler does.
@Suite(.ownThread)
struct GRPCEndTests {
  private let seen = Notes<String>()

  /// Reads until the stream throws, and notes what and whether its task was cancelled.
  private var reader: TestService {
    TestService(
      .bidirectional(TestMethods.chat) { [seen] requests, responses, context in
        do {
          for try await request in requests { try await responses.write(request) }
          seen.add("ended")
        } catch let error as RPCError {
          seen.add("\(error.code) \(Task.isCancelled) \(context.isCancelled)")
          throw error
        }
      },
      .unary(TestMethods.unary) { [seen] request, _ in
        do {
          try await Task.sleep(for: .seconds(10_000))
        } catch {
          seen.add("woken")
          throw error
        }
        return request
      })
  }

  @Test func aDeadlineThatPassesEndsTheCallOnceAndCancelsTheHandler() throws {
    let bench = try CallBench(reader)
    bench.begin("Chat", ["grpc-timeout: 500n"])
    bench.receive("a")
    #expect(bench.deadlines.count == 1)
    bench.deadlines.advance(to: 1499)
    #expect(!bench.stream.isEnded)
    bench.deadlines.advance(to: 1500)
    bench.loop.runReadyJobs()
    #expect(bench.stream.trailers == ["grpc-status: 4", "grpc-message: the deadline has passed"])
    #expect(seen.all == ["deadlineExceeded true true"])
    bench.receive("late", end: true)
    #expect(bench.stream.texts == ["a"])
  }

  @Test func aDeadlineWakesAHandlerThatSleeps() throws {
    let bench = try CallBench(reader)
    bench.begin("Unary", ["grpc-timeout: 1m"])
    bench.receive("a", end: true)
    bench.deadlines.advance(to: 10_000_000)
    bench.loop.run { seen.count == 1 }
    #expect(bench.stream.status == 4)
    #expect(bench.stream.heads.count == 1)
    #expect(bench.stream.trailers == nil)
  }

  @Test func aDeadlineBeforeTheRequestIsWholeEndsTheCallWithoutAHandler() throws {
    let bench = try CallBench(reader)
    bench.begin("Unary", ["grpc-timeout: 1n"])
    bench.receive([0, 0])
    bench.deadlines.advance(to: 1001)
    #expect(bench.stream.status == 4)
    bench.receive([0, 0, 0], end: true)
    bench.loop.runReadyJobs()
    #expect(seen.all.isEmpty)
    #expect(bench.stream.heads.count == 1)
  }

  @Test func aCallThatEndsInTimeLeavesNoTimer() throws {
    let bench = try CallBench()
    bench.begin("Unary", ["grpc-timeout: 1H"])
    bench.receive("a", end: true)
    #expect(bench.stream.status == 0)
    #expect(bench.deadlines.count == 0)
    bench.deadlines.advance(to: .max)
    #expect(bench.stream.trailers == ["grpc-status: 0"])
  }

  @Test func theLargestTimeoutDoesNotOverflow() throws {
    let bench = try CallBench(reader)
    bench.begin("Chat", ["grpc-timeout: 99999999H"])
    bench.receive("a")
    #expect(bench.stream.texts == ["a"])
    #expect(bench.call?.deadline == Deadline(nanoseconds: .max))
  }

  @Test(arguments: [HTTPStreamClosure.reset(8), .connectionLost])
  func aClosedStreamCancelsTheHandler(_ reason: HTTPStreamClosure) throws {
    let bench = try CallBench(reader)
    bench.begin("Chat", ["grpc-timeout: 1H"])
    bench.receive("a")
    bench.close(reason)
    #expect(seen.all == ["cancelled true true"])
    #expect(bench.deadlines.count == 0)
    #expect(!bench.stream.isEnded)
  }

  @Test func aResetBetweenParsingAndRunningKeepsTheCallFromTheHandler() throws {
    let bench = try CallBench(
      TestService(
        .unary(TestMethods.unary) { [seen] request, _ in
          seen.add("served")
          return request
        }))
    bench.begin("Unary")
    let bytes = Envelope.bytes(Text("x").encoded())
    bytes.withUnsafeBytes { bench.handler?.receive($0, end: true) }
    bench.handler?.closed(.reset(8))
    bench.dispatcher.drain()
    bench.loop.runReadyJobs()
    #expect(seen.all.isEmpty)
    #expect(!bench.stream.isEnded)
  }

  @Test func aWriterThatWaitsForRoomIsCancelledWithItsCall() throws {
    let bench = try CallBench(
      TestService(
        .serverStreaming(TestMethods.list) { [seen] request, responses, _ in
          do {
            while true { try await responses.write(request) }
          } catch let error as RPCError {
            seen.add("\(error.code)")
          }
        }))
    bench.begin("List", ["grpc-timeout: 1u"])
    bench.stream.unsentBytes = 1 << 20
    bench.receive("x", end: true)
    #expect(bench.stream.texts == ["x"])
    bench.deadlines.advance(to: 2000)
    bench.loop.runReadyJobs()
    #expect(seen.all == ["deadlineExceeded"])
    #expect(bench.stream.isEnded)
  }

  @Test func aDeadlineBehindUnsentBytesDropsThem() throws {
    let bench = try CallBench(reader)
    bench.begin("Chat", ["grpc-timeout: 1u"])
    bench.receive("x")
    bench.stream.unsentBytes = 1
    bench.deadlines.advance(to: 2000)
    bench.loop.runReadyJobs()
    #expect(bench.stream.isBodyDiscarded)
    #expect(bench.stream.status == 4)
  }

  @Test func aMalformedMessageInTheMidstCancelsTheHandler() throws {
    let bench = try CallBench(reader)
    bench.begin("Chat")
    bench.receive("a")
    bench.receive([9, 0, 0, 0, 0])
    #expect(bench.stream.status == 13)
    #expect(seen.all == ["internal true true"])
  }

  @Test func aHandlerThatReturnsEarlyEndsTheCall() throws {
    let bench = try CallBench(
      TestService(.clientStreaming(TestMethods.collect) { _, _ in Text("enough") }))
    bench.begin("Collect")
    bench.dispatcher.drain()
    bench.loop.runReadyJobs()
    #expect(bench.stream.texts == ["enough"])
    #expect(bench.stream.status == 0)
    bench.receive("more")
    bench.receive([], end: true)
    #expect(bench.stream.heads.count == 1)
  }

  @Test func halfAMessageAfterManyIsReportedWhenTheRequestEnds() throws {
    let bench = try CallBench(reader)
    bench.begin("Chat")
    bench.receive("a", "b")
    bench.receive([0, 0, 0], end: true)
    #expect(bench.stream.texts == ["a", "b"])
    #expect(bench.stream.status == 13)
  }
}
