// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Glibc
import Testing

@testable import AmaruIO

@Suite(.ownThread)
struct StoppedLoopTests {
  /// A loop that has run on a thread of its own, with what was queued by `body` on it, and has stopped.
  private func stoppedLoop(_ body: @escaping @Sendable (EventLoop) -> Void) throws -> EventLoop {
    let loop = try EventLoop()
    let thread = try LoopThread(running: loop, for: loop)
    Task(executorPreference: loop) {
      body(loop)
      loop.stop()
    }
    thread.join()
    return loop
  }

  /// Waits until `condition` holds, on a thread that may block.
  private func wait(until condition: () -> Bool) { while !condition() { sched_yield() } }

  @Test func aTaskThatOutlivesTheLoopGoesOnAndTheLastFreesIt() throws {
    let notes = Notes<Bool>()
    let parked = Notes<CheckedContinuation<Void, Never>>()
    var loop: EventLoop? = try stoppedLoop { loop in
      for _ in 0..<3 {
        Task(executorPreference: loop) { [weak loop] in
          for _ in 0..<2 {
            await withCheckedContinuation { parked.add($0) }
            notes.add(loop?.isCurrent ?? false)
          }
        }
      }
    }
    weak let freed = loop
    loop = nil
    for round in 1...2 {
      wait { parked.count == 3 * round }
      #expect(freed != nil)
      for continuation in parked.all.suffix(3) { continuation.resume() }
      wait { notes.count == 3 * round }
    }
    #expect(notes.all == Array(repeating: true, count: 6))
    wait { freed == nil }
  }

  @Test func jobsOfManyThreadsRunOneAfterAnother() throws {
    let loop = try stoppedLoop { _ in }
    // Confined to the loop: a second job at the same time would lose additions.
    final class Count: @unchecked Sendable { var value = 0 }
    let count = Count()
    let done = Notes<Void>()
    for _ in 0..<8 {
      Task.detached {
        for _ in 0..<500 {
          await Task(executorPreference: loop) { if loop.isCurrent { count.value += 1 } }.value
        }
        done.add(())
      }
    }
    wait { done.count == 8 }
    #expect(count.value == 4000)
    #expect(!loop.isCurrent)
  }

  @Test func aTaskThatNeverRestsDoesNotKeepTheThread() throws {
    let isOver = Notes<Void>()
    let ended = Notes<Void>()
    _ = try stoppedLoop { loop in
      Task(executorPreference: loop) {
        while isOver.count == 0 { await Task.yield() }
        ended.add(())
      }
    }
    isOver.add(())
    wait { ended.count == 1 }
  }
}
