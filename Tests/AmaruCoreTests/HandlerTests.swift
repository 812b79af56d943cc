// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import AmaruCore

private struct Noting: Interceptor {
  let name: String
  let notes: Notes<String>
  var refusal: RPCError?
  var replacement: RPCError?
  var suspends = false

  func intercept(
    _ context: CallContext, next: @Sendable (CallContext) async throws -> Void
  ) async throws {
    notes.add("\(name) before")
    if let refusal { throw refusal }
    if suspends { await Task.yield() }
    do {
      try await next(context)
    } catch {
      notes.add("\(name) caught \(error)")
      throw replacement ?? error
    }
    notes.add("\(name) after")
  }
}

@Suite(.ownThread)
struct HandlerTests {
  private let dispatchers = Dispatchers(ManualLoop())
  private var loop: ManualLoop { dispatchers.loop }
  private let notes = Notes<String>()

  private func run(_ handler: Handler, _ message: String = "x") -> ArrayCall {
    let dispatcher = dispatchers.make()
    let call = ArrayCall(handler: handler, deadline: nil, executor: loop)
    call.incoming = [Text(message).encoded()]
    call.halfClose()
    dispatcher.dispatch(call)
    dispatcher.drain()
    loop.run { !call.statuses.isEmpty }
    return call
  }

  private var echo: Handler {
    .unary(TestMethods.unary) { [notes] request, _ in
      notes.add("handler")
      return request
    }
  }

  @Test(arguments: [false, true])
  func theFirstInterceptorIsTheOutermost(_ suspends: Bool) {
    let call = run(
      echo.intercepted(by: [
        Noting(name: "a", notes: notes, suspends: suspends),
        Noting(name: "b", notes: notes, suspends: suspends),
      ]))
    #expect(notes.all == ["a before", "b before", "handler", "b after", "a after"])
    #expect(call.statuses == [nil])
    #expect(call.outgoing.map(\.value) == ["x"])
  }

  @Test func anInterceptorThatRefusesKeepsTheCallFromTheHandler() {
    let call = run(
      echo.intercepted(by: [
        Noting(name: "a", notes: notes, refusal: RPCError(.unauthenticated, "who?")),
        Noting(name: "b", notes: notes),
      ]))
    #expect(notes.all == ["a before"])
    #expect(call.statuses == [RPCError(.unauthenticated, "who?")])
    #expect(call.outgoing.isEmpty)
  }

  @Test func anInterceptorMayReplaceTheError() {
    let failing = Handler.unary(TestMethods.unary) { _, _ -> Text in throw RPCError(.notFound) }
    let call = run(
      failing.intercepted(by: [
        Noting(name: "a", notes: notes, replacement: RPCError(.unavailable, "later")),
        Noting(name: "b", notes: notes),
      ]))
    #expect(
      notes.all == [
        "a before", "b before", "b caught NOT_FOUND", "a caught NOT_FOUND",
      ])
    #expect(call.statuses == [RPCError(.unavailable, "later")])
  }

  @Test func anOffLoopHandlerRunsElsewhereAndAnswersOnTheLoop() {
    let handler = Handler.unary(TestMethods.unary) { [loop, notes] request, _ in
      notes.add("on the loop: \(loop.isCurrent)")
      return request
    }
    let call = run(handler.offLoop())
    #expect(notes.all == ["on the loop: false"])
    #expect(call.outgoing.map(\.value) == ["x"])
    #expect(call.statuses == [nil])
  }

  @Test func manyOffLoopCallsAreAllAnswered() {
    let dispatcher = dispatchers.make()
    let handler = Handler.unary(TestMethods.unary) { request, _ in
      if request.value.hasSuffix("7") { throw RPCError(.aborted) }
      return request
    }.offLoop()
    let calls = (0..<300).map { number in
      let call = ArrayCall(handler: handler, deadline: nil, executor: loop)
      call.incoming = [Text("\(number)").encoded()]
      return call
    }
    for (number, call) in calls.enumerated() {
      dispatcher.dispatch(call)
      if number % 10 == 9 { dispatcher.drain() }
    }
    loop.run { calls.allSatisfy { !$0.statuses.isEmpty } }
    for (number, call) in calls.enumerated() {
      let fails = number % 10 == 7
      #expect(call.statuses.map { $0?.code } == [fails ? .aborted : nil])
      #expect(call.outgoing.map(\.value) == (fails ? [] : ["\(number)"]))
    }
  }

  @Test func aUnaryRequestWithoutAMessageIsInternal() {
    let call = ArrayCall(handler: echo, deadline: nil, executor: loop)
    call.halfClose()
    let dispatcher = dispatchers.make()
    dispatcher.dispatch(call)
    dispatcher.drain()
    #expect(call.statuses.first??.code == .internal)
  }

  @Test func everyStatusCodeHasGRPCsNumberAndName() {
    #expect(StatusCode.allCases.map(\.rawValue) == Array(0...16))
    #expect(
      StatusCode.allCases.map(\.name) == [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
        "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
        "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED",
      ])
  }

  @Test func aLineBelowTheLevelIsNotMade() {
    let lines = LogLines()
    var logger = lines.logger
    logger.minimumLevel = .warning
    logger.log(
      .info,
      {
        notes.add("made"); return "info"
      }())
    logger.log(.error, "error")
    #expect(notes.all.isEmpty)
    #expect(lines.all == ["error: error"])
  }
}
