// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import AmaruCore

private struct Secret: Error, CustomStringConvertible { let description = "password 1234" }

@Suite(.ownThread)
struct CallTests {
  private let dispatchers = Dispatchers(ManualLoop())
  private var loop: ManualLoop { dispatchers.loop }
  private let log = LogLines()

  private func dispatcher() -> CallDispatcher {
    dispatchers.make(log.logger)
  }

  private func run(_ handler: Handler, _ messages: [String] = ["hello"]) -> ArrayCall {
    let dispatcher = dispatcher()
    let call = ArrayCall(handler: handler, deadline: nil, executor: loop)
    call.incoming = messages.map { Text($0).encoded() }
    call.halfClose()
    dispatcher.dispatch(call)
    dispatcher.drain()
    loop.run { !call.statuses.isEmpty }
    dispatcher.shutDown()
    loop.runReadyJobs()
    return call
  }

  @Test func anErrorOfTheHandlerReachesTheWireAsItIs() {
    let error = RPCError(.notFound, "no such thing")
    let call = run(.unary(TestMethods.unary) { _, _ in throw error })
    #expect(call.statuses == [error])
    #expect(log.all.isEmpty)
  }

  @Test func aForeignErrorIsUnknownWithAFixedTextAndItsOwnGoesToTheLog() {
    let call = run(.unary(TestMethods.unary) { _, _ in throw Secret() })
    #expect(call.statuses == [RPCError(.unknown, "the handler failed")])
    #expect(log.all.count == 1)
    #expect(log.all[0].contains("password 1234"))
    #expect(log.all[0].contains("test.v1.Test/Unary"))
  }

  @Test func anErrorWithTheCodeOKIsNotASuccess() {
    let call = run(.unary(TestMethods.unary) { _, _ in throw RPCError(.ok, "fine") })
    #expect(call.statuses.first??.code == .unknown)
  }

  @Test func aCancellationErrorThatTheHandlerThrowsIsCancelled() {
    let call = run(.unary(TestMethods.unary) { _, _ in throw CancellationError() })
    #expect(call.statuses.first??.code == .cancelled)
  }

  @Test func aMessageThatIsNoMessageIsInternal() {
    let call = ArrayCall(
      handler: .unary(TestMethods.unary) { request, _ in request }, deadline: nil, executor: loop)
    let dispatcher = dispatcher()
    call.incoming = [[0x0a, 200]]
    dispatcher.dispatch(call)
    dispatcher.drain()
    #expect(call.statuses.first??.code == .internal)
    #expect(call.statuses.first??.message.contains("google.protobuf.StringValue") == true)
  }

  @Test func manyCallsRunOnOneRunnerWhileNoneSuspends() {
    let dispatcher = dispatcher()
    let handler = Handler.unary(TestMethods.unary) { request, _ in request }
    let calls = (0..<500).map { number in
      let call = ArrayCall(handler: handler, deadline: nil, executor: loop)
      call.incoming = [Text("\(number)").encoded()]
      return call
    }
    for call in calls { dispatcher.dispatch(call) }
    dispatcher.drain()
    #expect(calls.map { $0.outgoing.map(\.value) } == (0..<500).map { ["\($0)"] })
    #expect(calls.allSatisfy { $0.statuses == [nil] })
  }

  @Test func aSuspendedHandlerDoesNotHoldUpTheNext() {
    let dispatcher = dispatcher()
    let gate = AsyncStream<Void>.makeStream()
    let waiting = ArrayCall(
      handler: .unary(TestMethods.unary) { request, _ in
        for await _ in gate.stream { break }
        return request
      }, deadline: nil, executor: loop)
    let quick = ArrayCall(
      handler: .unary(TestMethods.unary) { request, _ in request }, deadline: nil, executor: loop)
    for call in [waiting, quick] {
      call.incoming = [Text("x").encoded()]
      dispatcher.dispatch(call)
    }
    dispatcher.drain()
    #expect(waiting.statuses.isEmpty)
    #expect(quick.statuses == [nil])
    gate.continuation.yield()
    loop.run { !waiting.statuses.isEmpty }
    #expect(waiting.statuses == [nil])
  }

  @Test func aCallThatWasCancelledBeforeItsTurnIsNotServed() {
    let served = Notes<String>()
    let dispatcher = dispatcher()
    let call = ArrayCall(
      handler: .unary(TestMethods.unary) { request, _ in
        served.add(request.value)
        return request
      }, deadline: nil, executor: loop)
    call.incoming = [Text("x").encoded()]
    dispatcher.dispatch(call)
    call.cancel(RPCError(.cancelled))
    dispatcher.drain()
    loop.runReadyJobs()
    #expect(served.all.isEmpty)
    #expect(call.outgoing.isEmpty)
  }

  @Test func aCancelledCallCancelsTheHandlersTaskAndThrowsItsReasonFromTheStream() {
    let seen = Notes<String>()
    let dispatcher = dispatcher()
    let call = ArrayCall(
      handler: .clientStreaming(TestMethods.collect) { requests, context in
        do {
          for try await request in requests { seen.add(request.value) }
        } catch let error as RPCError {
          seen.add("\(error.code) \(Task.isCancelled) \(context.isCancelled)")
        }
        return Text()
      }, deadline: nil, executor: loop)
    dispatcher.dispatch(call)
    dispatcher.drain()
    call.incoming = [Text("one").encoded()]
    call.messageArrived()
    loop.runReadyJobs()
    call.cancel(RPCError(.deadlineExceeded))
    loop.runReadyJobs()
    #expect(seen.all == ["one", "deadlineExceeded true true"])
    // The wire has told the peer by itself: the handler's own end is not sent as well.
    #expect(call.statuses.isEmpty)
    #expect(call.outgoing.isEmpty)
  }

  @Test func aRunnerWhoseTaskWasCancelledServesNoOtherCall() {
    let seen = Notes<Bool>()
    let dispatcher = dispatcher()
    let first = ArrayCall(
      handler: .clientStreaming(TestMethods.collect) { requests, _ in
        for try await _ in requests {}
        return Text()
      }, deadline: nil, executor: loop)
    dispatcher.dispatch(first)
    dispatcher.drain()
    first.cancel(RPCError(.cancelled))
    loop.runReadyJobs()
    let second = ArrayCall(
      handler: .unary(TestMethods.unary) { request, _ in
        seen.add(Task.isCancelled)
        return request
      }, deadline: nil, executor: loop)
    second.incoming = [Text("x").encoded()]
    dispatcher.dispatch(second)
    dispatcher.drain()
    #expect(seen.all == [false])
    #expect(second.statuses == [nil])
  }

  @Test func aWriterWaitsForRoomAndGoesOnWithIt() {
    let dispatcher = dispatcher()
    let call = ArrayCall(
      handler: .serverStreaming(TestMethods.list) { _, responses, _ in
        for number in 0..<10 { try await responses.write(Text("\(number)")) }
      }, deadline: nil, executor: loop)
    call.incoming = [Text("x").encoded()]
    call.room = 3
    dispatcher.dispatch(call)
    dispatcher.drain()
    #expect(call.outgoing.count == 3)
    call.room = 5
    call.roomAvailable()
    loop.runReadyJobs()
    #expect(call.outgoing.count == 5)
    #expect(call.statuses.isEmpty)
    call.room = .max
    call.roomAvailable()
    loop.runReadyJobs()
    #expect(call.outgoing.map(\.value) == (0..<10).map { "\($0)" })
    #expect(call.statuses == [nil])
  }
}
