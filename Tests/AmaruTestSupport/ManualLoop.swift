// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtocols
import Glibc
import Synchronization

/// A loop that runs only when a test says so, on the thread that made it.
package final class ManualLoop: LoopExecutor, @unchecked Sendable {
  private let thread = pthread_self()
  private let jobs = Mutex<[UnownedJob]>([])
  // SAFETY: initialised in `init`, destroyed in `deinit`, and made for use from several threads.
  private let bell = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  package init() { sem_init(bell, 0, 0) }

  deinit {
    sem_destroy(bell)
    bell.deallocate()
  }

  package var isCurrent: Bool { pthread_equal(thread, pthread_self()) != 0 }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
    sem_post(bell)
  }

  package func asUnownedTaskExecutor() -> UnownedTaskExecutor {
    UnownedTaskExecutor(ordinary: self)
  }

  package func runReadyJobs() {
    while let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }

  /// Runs jobs, and waits for those of other threads, until `condition` holds.
  package func run(until condition: () -> Bool) {
    while true {
      runReadyJobs()
      if condition() { return }
      // What the condition looks at may change on other threads, which do not ring.
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      time.tv_nsec += 1_000_000
      if time.tv_nsec >= 1_000_000_000 {
        time.tv_sec += 1
        time.tv_nsec -= 1_000_000_000
      }
      sem_timedwait(bell, &time)
    }
  }
}

/// A clock that a test turns.
package final class ManualDeadlines: DeadlineScheduler {
  private final class Entry {
    let call: any DeadlineTarget
    let time: UInt64

    init(_ call: any DeadlineTarget, _ time: UInt64) {
      self.call = call
      self.time = time
    }
  }

  package private(set) var now: UInt64
  private var entries: [Entry] = []

  package init(now: UInt64 = 1000) { self.now = now }

  /// How many deadlines are set.
  package var count: Int { entries.count }

  package func schedule(_ call: any DeadlineTarget, at nanoseconds: UInt64) -> AnyObject {
    let entry = Entry(call, nanoseconds)
    entries.append(entry)
    return entry
  }

  package func cancel(_ deadline: AnyObject) { entries.removeAll { $0 === deadline } }

  package func advance(to time: UInt64) {
    now = time
    let due = entries.filter { $0.time <= time }
    entries.removeAll { $0.time <= time }
    for entry in due { entry.call.deadlinePassed() }
  }
}

/// What a logger was given.
package final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])

  package init() {}

  package var all: [String] { lines.withLock { $0 } }

  package var logger: Logger {
    Logger(minimumLevel: .debug) { level, line in
      self.lines.withLock { $0.append("\(level): \(line)") }
    }
  }
}

/// Something that several threads note down, in the order in which they do.
package final class Notes<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])

  package init() {}

  package func add(_ value: Value) { values.withLock { $0.append(value) } }

  package var all: [Value] { values.withLock { $0 } }
  package var count: Int { values.withLock { $0.count } }
}
