// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Glibc
import Testing

@testable import AmaruIO

struct TimerHeapTests {
  @Test func aRandomScheduleFiresLikeASortedModel() {
    var random = SystemRandomNumberGenerator()
    var heap = TimerHeap()
    var model: [ObjectIdentifier: UInt64] = [:]
    let timers = (0..<200).map { _ in Timer {} }
    var now: UInt64 = 0
    for _ in 0..<20_000 {
      let timer = timers.randomElement(using: &random)!
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<6:
        let deadline = now + UInt64.random(in: 0..<50, using: &random)
        heap.schedule(timer, at: deadline)
        model[ObjectIdentifier(timer)] = deadline
      case 6..<8:
        heap.cancel(timer)
        model[ObjectIdentifier(timer)] = nil
      default:
        now += UInt64.random(in: 0..<20, using: &random)
        var last: UInt64 = 0
        while let due = heap.popDue(now) {
          #expect(model.removeValue(forKey: ObjectIdentifier(due)) == due.deadline)
          #expect(due.deadline >= last && due.deadline <= now)
          #expect(!due.isScheduled)
          last = due.deadline
        }
        #expect(model.values.allSatisfy { $0 > now })
      }
      #expect(heap.next == model.values.min())
      #expect(timer.isScheduled == (model[ObjectIdentifier(timer)] != nil))
    }
  }

  @Test func cancellingWhatIsNotScheduledDoesNothing() {
    var heap = TimerHeap()
    let timer = Timer {}
    heap.cancel(timer)
    heap.schedule(timer, at: 5)
    heap.cancel(timer)
    heap.cancel(timer)
    #expect(heap.next == nil)
    #expect(heap.popDue(.max) == nil)
  }

  @Test func aTimerThatIsMovedFiresOnceAtItsNewTime() {
    var heap = TimerHeap()
    let timer = Timer {}
    heap.schedule(timer, at: 5)
    heap.schedule(timer, at: 9)
    heap.schedule(Timer {}, at: 7)
    #expect(heap.popDue(8) !== timer)
    #expect(heap.popDue(9) === timer)
    #expect(heap.popDue(.max) == nil)
  }
}

@Suite(.ownThread)
struct EventLoopTests {
  private func withLoop(_ body: (EventLoop) throws -> Void) throws {
    let loop = try EventLoop()
    let thread = try LoopThread(running: loop, for: loop)
    defer { thread.join() }
    defer { Task(executorPreference: loop) { loop.stop() } }
    try body(loop)
  }

  /// Does `body` on the loop and waits for it, on a thread that may block.
  private func on<Result: Sendable>(
    _ loop: EventLoop, _ body: @escaping @Sendable () -> Result
  ) -> Result {
    let done = Notes<Result>()
    Task(executorPreference: loop) { done.add(body()) }
    while done.count == 0 { sched_yield() }
    return done.all[0]
  }

  @Test func jobsRunOnTheLoopsThreadInOrder() throws {
    try withLoop { loop in
      #expect(!loop.isCurrent)
      let notes = Notes<Int>()
      // More than the queue's first room, so that it must grow.
      for number in 0..<5000 {
        Task(executorPreference: loop) {
          notes.add(loop.isCurrent ? number : -1)
        }
      }
      while notes.count < 5000 { sched_yield() }
      #expect(notes.all == Array(0..<5000))
    }
  }

  @Test func jobsMadeOnTheLoopItselfRunInOrderAndBeyondOneTurnsLimit() throws {
    try withLoop { loop in
      let notes = Notes<Int>()
      on(loop) {
        for number in 0..<10_000 {
          Task(executorPreference: loop) { notes.add(number) }
        }
      }
      while notes.count < 10_000 { sched_yield() }
      #expect(notes.all == Array(0..<10_000))
    }
  }

  @Test func timersFireInTheOrderOfTheirTimes() throws {
    try withLoop { loop in
      let notes = Notes<Int>()
      on(loop) {
        let start = loop.now
        for number in [3, 1, 2, 5, 4] {
          loop.schedule(Timer { notes.add(number) }, at: start + UInt64(number) * 1_000_000)
        }
        let cancelled = Timer { notes.add(99) }
        loop.schedule(cancelled, at: start + 1)
        loop.cancel(cancelled)
      }
      while notes.count < 5 { sched_yield() }
      #expect(notes.all == [1, 2, 3, 4, 5])
    }
  }

  @Test func manyThreadsMayQueueAtOnce() throws {
    try withLoop { loop in
      let numbers = Notes<Int>()
      let count = Notes<Void>()
      for _ in 0..<8 {
        Task.detached {
          for number in 0..<500 {
            await Task(executorPreference: loop) { numbers.add(number) }.value
          }
          count.add(())
        }
      }
      while count.count < 8 { sched_yield() }
      let sum = numbers.all.reduce(0, +)
      #expect(sum == 998_000)
    }
  }

  @Test func theClockIsThatOfContinuousClock() {
    let before = ContinuousClock().systemEpoch.duration(to: .now)
    let now = EventLoop.currentNanoseconds()
    let after = ContinuousClock().systemEpoch.duration(to: .now)
    #expect(Duration.nanoseconds(now) >= before - .microseconds(1))
    #expect(Duration.nanoseconds(now) <= after)
  }
}
