// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import AmaruCore

/// Streams and writers that are used by other tasks than the handler's own.
@Suite(.ownThread)
struct CallTaskTests {
  private let dispatchers = Dispatchers(ManualLoop())
  private var loop: ManualLoop { dispatchers.loop }

  private func start(
    _ handler: Handler, _ messages: [String] = [], room: Int = .max
  ) -> (ArrayCall, CallDispatcher) {
    let dispatcher = dispatchers.make()
    let call = ArrayCall(handler: handler, deadline: nil, executor: loop)
    call.incoming = messages.map { Text($0).encoded() }
    call.room = room
    dispatcher.dispatch(call)
    dispatcher.drain()
    return (call, dispatcher)
  }

  @Test func aCancelledChildThatReadsGetsCancellationErrorAndTheCallGoesOn() {
    let seen = Notes<String>()
    let (call, _) = start(
      .clientStreaming(TestMethods.collect) { requests, _ in
        let child = Task {
          do {
            for try await request in requests { seen.add(request.value) }
          } catch is CancellationError {
            seen.add("cancelled")
          }
        }
        child.cancel()
        try await child.value
        for try await request in requests { seen.add("later \(request.value)") }
        return Text("done")
      })
    loop.run { seen.all == ["cancelled"] }
    call.incoming = [Text("a").encoded()]
    call.halfClose()
    loop.run { !call.statuses.isEmpty }
    #expect(seen.all == ["cancelled", "later a"])
    #expect(call.statuses == [nil])
    #expect(call.outgoing.map(\.value) == ["done"])
  }

  @Test func aCancelledChildThatWritesGetsCancellationErrorAndTheCallGoesOn() {
    let seen = Notes<String>()
    let (call, _) = start(
      .serverStreaming(TestMethods.list) { _, responses, _ in
        let child = Task {
          do {
            while true { try await responses.write(Text("child")) }
          } catch is CancellationError {
            seen.add("cancelled")
          }
        }
        seen.add("started")
        for await _ in AsyncStream<Void>(unfolding: { seen.count < 2 ? () : nil }) {
          if seen.count == 1 { child.cancel() }
          await Task.yield()
        }
        try await child.value
      }, ["x"], room: 2)
    loop.run { seen.count == 2 }
    #expect(seen.all == ["started", "cancelled"])
    call.room = .max
    loop.run { !call.statuses.isEmpty }
    #expect(call.statuses == [nil])
  }

  @Test func twoReadersAtOnceAreAnErrorOfTheHandler() {
    let seen = Notes<String>()
    let (call, _) = start(
      .clientStreaming(TestMethods.collect) { requests, _ in
        await withTaskGroup { group in
          for _ in 0..<2 {
            group.addTask {
              do {
                for try await request in requests { seen.add(request.value) }
              } catch let error as RPCError {
                seen.add(error.message)
              } catch {}
            }
          }
        }
        return Text()
      })
    loop.run { seen.count == 1 }
    #expect(seen.all == ["two tasks read the same message stream at once"])
    call.halfClose()
    loop.run { !call.statuses.isEmpty }
  }

  @Test func manyChildrenWriteWholeMessagesUnderBackPressure() {
    let (call, _) = start(
      .serverStreaming(TestMethods.list) { _, responses, _ in
        try await withThrowingTaskGroup { group in
          for child in 0..<8 {
            group.addTask {
              for number in 0..<50 { try await responses.write(Text("\(child):\(number)")) }
            }
          }
          try await group.waitForAll()
        }
      }, ["x"], room: 0)
    loop.run {
      call.room = call.outgoing.count + 3
      call.roomAvailable()
      return !call.statuses.isEmpty
    }
    #expect(call.statuses == [nil])
    #expect(call.outgoing.count == 400)
    for child in 0..<8 {
      let own = call.outgoing.map(\.value).filter { $0.hasPrefix("\(child):") }
      #expect(own == (0..<50).map { "\(child):\($0)" })
    }
  }

  @Test func messagesAreReadAndWrittenFromOtherThreads() {
    let (call, _) = start(
      .bidirectional(TestMethods.chat) { requests, responses, _ in
        try await withTaskExecutorPreference(globalConcurrentExecutor) {
          for try await request in requests { try await responses.write(request) }
        }
      }, ["a", "b"])
    loop.run { call.outgoing.count == 2 }
    call.incoming = [Text("c").encoded()]
    call.halfClose()
    loop.run { !call.statuses.isEmpty }
    #expect(call.outgoing.map(\.value) == ["a", "b", "c"])
    #expect(call.statuses == [nil])
  }

  @Test func aReaderThatTheHandlerLeftBehindEndsWithTheCall() {
    let seen = Notes<String>()
    let (call, _) = start(
      .bidirectional(TestMethods.chat) { requests, _, _ in
        Task {
          do {
            for try await _ in requests {}
            seen.add("ended")
          } catch {
            seen.add("threw")
          }
        }
        for await _ in AsyncStream<Void>(unfolding: { nil }) {}
      })
    loop.run { !call.statuses.isEmpty }
    loop.run { seen.count == 1 }
    #expect(seen.all == ["threw"])
  }

  @Test func aWriterThatTheHandlerLeftBehindEndsWithTheCall() {
    let seen = Notes<String>()
    let (call, _) = start(
      .bidirectional(TestMethods.chat) { _, responses, _ in
        await withUnsafeContinuation { running in
          Task {
            running.resume()
            do {
              while true { try await responses.write(Text("left behind")) }
            } catch let error as RPCError {
              seen.add("\(error.code)")
            }
          }
        }
      }, room: 1)
    loop.run { !call.statuses.isEmpty }
    loop.run { seen.count == 1 }
    #expect(seen.all == ["internal"])
  }

  @Test func aStatusIsWrittenOnce() {
    let (call, _) = start(.unary(TestMethods.unary) { request, _ in request }, ["x"])
    call.finish(RPCError(.internal), logger: .none)
    call.cancel(RPCError(.cancelled))
    #expect(call.statuses == [nil])
    #expect(call.cancellation == nil)
  }

  @Test func theContextCarriesMetadataAndTrailersFromAnyThread() {
    let (call, _) = start(
      .unary(TestMethods.unary) { request, context in
        await Task.detached {
          var metadata = Metadata()
          try? metadata.add("a", "1")
          context.responseMetadata = metadata
          context.trailers = metadata
          context.compressesResponses = true
        }.value
        return request
      }, ["x"])
    loop.run { !call.statuses.isEmpty }
    #expect(call.responseMetadata?.initial.text("a") == "1")
    #expect(call.responseMetadata?.trailing.text("a") == "1")
    #expect(call.responseMetadata?.compresses == true)
  }
}
