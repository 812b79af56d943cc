// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc
import Synchronization

/// One thread with one epoll: sockets, timers, and the tasks that prefer it as their executor.
///
/// A turn: run the jobs that are ready, send what the connections have to send (one `send` each), wait,
/// read (one `recv` for each ready socket), fire timers. Everything but ``enqueue(_:)`` and ``isCurrent`` is
/// confined to the loop's thread.
///
/// A loop that has stopped has no thread of its own and fires no timers, but tasks that still prefer it go on:
/// what they queue runs on a thread of the global pool, one job after another as ever. So a task never stays
/// behind half-way, and the last one frees the loop.
package final class EventLoop: TaskExecutor, @unchecked Sendable {
  /// Jobs run in one go before the sockets get their turn.
  private static let maxJobsPerTurn = 4096
  private static let maxEventsPerTurn = 256
  /// Bytes read by one `recv`, and sent by one `send`.
  static let bufferBytes = 128 << 10

  private let epoll: Int32
  private let wake: Int32
  private let thread: Atomic<UInt>
  @exclusivity(unchecked) private var local = JobQueue()
  private let remote = Mutex<Remote>(Remote())
  @exclusivity(unchecked) private var spare: [UnownedJob] = []
  @exclusivity(unchecked) private var timers = TimerHeap()
  @exclusivity(unchecked) private var dirty: [any LoopOutput] = []
  @exclusivity(unchecked) private var flushing: [any LoopOutput] = []
  @exclusivity(unchecked) private var closing: [EventSource] = []
  @exclusivity(unchecked) private var isStopping = false
  /// The time of this turn, in nanoseconds since the epoch of `ContinuousClock`.
  @exclusivity(unchecked) package private(set) var now: UInt64 = 0
  // SAFETY: both are the loop's for its whole life; what is in them holds until the next recv or send.
  let input = UnsafeMutableRawBufferPointer.allocate(
    byteCount: EventLoop.bufferBytes, alignment: 64)
  let output = UnsafeMutableRawBufferPointer.allocate(
    byteCount: EventLoop.bufferBytes, alignment: 64)

  private struct Remote {
    var jobs: [UnownedJob] = []
    /// Whether the loop knows already that there are jobs.
    var isSignalled = false
    var hasStopped = false
  }

  /// Makes a loop, which runs when a thread calls ``run()``.
  package init() throws(IOError) {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw IOError("make an event loop") }
    wake = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    guard wake >= 0 else {
      let error = IOError("make an event loop")
      close(epoll)
      throw error
    }
    thread = Atomic(0)
    var event = epoll_event()
    event.events = EPOLLIN.rawValue
    event.data.u64 = 0
    epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event)
    now = Self.currentNanoseconds()
  }

  deinit {
    releaseClosed()
    close(epoll)
    close(wake)
    input.deallocate()
    output.deallocate()
  }

  /// The present time in nanoseconds since the epoch of `ContinuousClock`.
  package static func currentNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }

  /// The present time in seconds since 1970, of the clock that may be set.
  package static func unixSeconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME_COARSE, &time)
    return time.tv_sec
  }

  // MARK: Executor

  /// Whether the calling thread is the loop's own. Any thread.
  @inline(__always)
  package var isCurrent: Bool { thread.load(ordering: .relaxed) == pthread_self() }

  /// Queues a job; from the loop's own thread without a lock. Any thread.
  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isCurrent { local.push(job) } else { enqueueRemotely(job) }
  }

  @inline(never)
  private func enqueueRemotely(_ job: UnownedJob) {
    let (mustRing, hasStopped) = remote.withLock { remote in
      remote.jobs.append(job)
      defer { remote.isSignalled = true }
      return (!remote.isSignalled, remote.hasStopped)
    }
    if mustRing, hasStopped {
      runRestElsewhere()
    } else if mustRing {
      var one: UInt64 = 1
      // A full counter means that the loop will wake in any case.
      _ = write(wake, &one, 8)
    }
  }

  package func asUnownedTaskExecutor() -> UnownedTaskExecutor {
    UnownedTaskExecutor(ordinary: self)
  }

  /// Runs the jobs that are ready, and those that they make ready, up to a limit.
  package func runReadyJobs() {
    let executor = asUnownedTaskExecutor()
    var count = 0
    while count < Self.maxJobsPerTurn, let job = local.pop() {
      job.runSynchronously(on: executor)
      count &+= 1
    }
  }

  private func takeRemoteJobs() {
    var value: UInt64 = 0
    _ = read(wake, &value, 8)
    var jobs = spare
    spare = []
    remote.withLock { remote in
      swap(&remote.jobs, &jobs)
      // Of a stopped loop, until ``runRest()`` has found nothing more to do.
      remote.isSignalled = remote.hasStopped
    }
    for job in jobs { local.push(job) }
    jobs.removeAll(keepingCapacity: true)
    spare = jobs
  }

  // MARK: Timers

  /// Schedules `timer` for `deadline`, or moves it there.
  package func schedule(_ timer: Timer, at deadline: UInt64) {
    timers.schedule(timer, at: deadline)
  }

  /// Takes `timer` out of the schedule.
  package func cancel(_ timer: Timer) { timers.cancel(timer) }

  // MARK: Sources

  func add(_ source: EventSource, events: UInt32) throws(IOError) {
    var event = epoll_event()
    event.events = events
    let reference = Unmanaged.passRetained(source)
    event.data.u64 = UInt64(UInt(bitPattern: reference.toOpaque()))
    guard epoll_ctl(epoll, EPOLL_CTL_ADD, source.descriptor, &event) == 0 else {
      let error = IOError("watch a socket")
      reference.release()
      throw error
    }
    source.isAdded = true
  }

  func modify(_ source: EventSource, events: UInt32) {
    control(EPOLL_CTL_MOD, source, events)
  }

  /// Does not watch a source that was added, or watches it again. A source that was added with
  /// EPOLLEXCLUSIVE cannot be modified (epoll_ctl(2)).
  func setWatched(_ source: EventSource, _ isWatched: Bool, events: UInt32) {
    control(isWatched ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, source, events)
  }

  private func control(_ operation: Int32, _ source: EventSource, _ events: UInt32) {
    var event = epoll_event()
    event.events = events
    event.data.u64 = UInt64(UInt(bitPattern: Unmanaged.passUnretained(source).toOpaque()))
    epoll_ctl(epoll, operation, source.descriptor, &event)
  }

  /// Stops watching `source` and closes its descriptor. The object itself lives until the turn ends, for
  /// an event of the same turn may still name it.
  func remove(_ source: EventSource, closesDescriptor: Bool = true) {
    guard !source.isClosed else { return }
    source.isClosed = true
    if source.isAdded {
      epoll_ctl(epoll, EPOLL_CTL_DEL, source.descriptor, nil)
      closing.append(source)
    }
    if closesDescriptor { close(source.descriptor) }
  }

  /// Has `output` flushed before the loop waits.
  package func markDirty(_ output: any LoopOutput) { dirty.append(output) }

  // MARK: Turns

  /// Runs turns on the calling thread until ``stop()``.
  package func run() {
    thread.store(pthread_self(), ordering: .relaxed)
    let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Self.maxEventsPerTurn)
    defer { events.deallocate() }
    now = Self.currentNanoseconds()
    while !isStopping {
      runReadyJobs()
      flush()
      let count = epoll_wait(epoll, events, Int32(Self.maxEventsPerTurn), timeout())
      now = Self.currentNanoseconds()
      for index in 0..<Int(max(count, 0)) {
        let event = events[index]
        if event.data.u64 == 0 {
          takeRemoteJobs()
          continue
        }
        // SAFETY: `add` retained the source, and `releaseClosed` lets go only between turns.
        let source = Unmanaged<EventSource>.fromOpaque(
          UnsafeRawPointer(bitPattern: UInt(event.data.u64))!
        ).takeUnretainedValue()
        if !source.isClosed { source.ready(event.events, on: self) }
      }
      // After the sources: a loop that was held up must not take a peer for silent whose bytes are there.
      while let timer = timers.popDue(now) { timer.action() }
      releaseClosed()
    }
    runRest()
  }

  /// Runs what is queued at a loop that stops or has stopped; what is left after a while, and what comes
  /// later, elsewhere.
  private func runRest() {
    // Acquires what the thread before this one has done.
    _ = thread.exchange(UInt(pthread_self()), ordering: .acquiring)
    takeRemoteJobs()
    runReadyJobs()
    flush()
    releaseClosed()
    thread.store(0, ordering: .releasing)
    let isDone = remote.withLock { remote in
      remote.hasStopped = true
      remote.isSignalled = !remote.jobs.isEmpty || !local.isEmpty
      return !remote.isSignalled
    }
    if !isDone { runRestElsewhere() }
  }

  private func runRestElsewhere() {
    Task.detached(executorPreference: globalConcurrentExecutor) { self.runRest() }
  }

  /// Ends ``run()`` after the present turn. Loop only.
  package func stop() { isStopping = true }

  /// Milliseconds until the next timer, rounded up; 0 when jobs are ready.
  private func timeout() -> Int32 {
    if !local.isEmpty || !dirty.isEmpty || isStopping { return 0 }
    guard let next = timers.next else { return -1 }
    let now = Self.currentNanoseconds()
    guard next > now else { return 0 }
    return Int32(clamping: (next - now + 999_999) / 1_000_000)
  }

  private func flush() {
    guard !dirty.isEmpty else { return }
    swap(&dirty, &flushing)
    for output in flushing { output.flush() }
    flushing.removeAll(keepingCapacity: true)
  }

  private func releaseClosed() {
    guard !closing.isEmpty else { return }
    for source in closing { Unmanaged.passUnretained(source).release() }
    closing.removeAll(keepingCapacity: true)
  }
}
