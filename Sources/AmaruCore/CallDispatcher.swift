// SPDX-License-Identifier: Apache-2.0

/// Gives the calls of one loop to runners.
///
/// A wire dispatches a call while it parses, which starts nothing; ``drain()`` then runs the handlers, one
/// after another on one runner while none suspends, so that a hundred calls read by one `recv` cost one
/// resumption. Confined to the loop.
public final class CallDispatcher: @unchecked Sendable {
  /// Runners kept for later when they have nothing to do.
  private static let maxIdleRunners = 256

  let executor: any LoopExecutor
  /// Where errors of handlers go. Any thread.
  public let logger: Logger
  @exclusivity(unchecked) private var borrowedCount = 0
  @exclusivity(unchecked) private var active = 0
  @exclusivity(unchecked) private var idleAction: (() -> Void)?
  @exclusivity(unchecked) private var queue: [ServerCall] = []
  @exclusivity(unchecked) private var head = 0
  @exclusivity(unchecked) private var idle: [CallRunner] = []
  @exclusivity(unchecked) private(set) var isShutDown = false

  /// A dispatcher for the calls of the loop `executor`.
  public init(executor: any LoopExecutor, logger: Logger) {
    self.executor = executor
    self.logger = logger
  }

  /// How many calls have a handler that runs.
  public var activeCount: Int { active }

  /// Called when the last running handler has ended.
  public func whenIdle(_ action: @escaping () -> Void) { idleAction = action }

  /// A queued call's message lies in memory of the wire's.
  public func borrowed() { borrowedCount &+= 1 }

  /// Such a message was taken, copied or dropped.
  public func returned() { borrowedCount &-= 1 }

  /// Queues a call, whose handler runs at the next ``drain()``.
  public func dispatch(_ call: ServerCall) { queue.append(call) }

  /// Runs the handlers of the queued calls, each until it finishes or suspends for the first time.
  ///
  /// Call it when a wire has parsed what it read and before that memory is used again: a handler that has
  /// not taken a borrowed message by then gets a copy.
  public func drain() {
    guard !queue.isEmpty else { return }
    while head < queue.count {
      if let runner = idle.popLast() {
        runner.resume()
        executor.runReadyJobs()
      } else {
        CallRunner(self).start()
      }
    }
    if borrowedCount > 0 {
      for call in queue { call.keepMessages() }
    }
    queue.removeAll(keepingCapacity: true)
    head = 0
  }

  /// Lets the idle runners end. No call may be dispatched afterwards; handlers that still run may outlive
  /// whoever asked to be told when they end, who is told no more.
  public func shutDown() {
    isShutDown = true
    idleAction = nil
    for runner in idle { runner.resume() }
    idle.removeAll()
  }

  func next() -> ServerCall? {
    while head < queue.count {
      let call = queue[head]
      head += 1
      // One that was cancelled while it waited needs no handler any more.
      guard !call.isFinished else { continue }
      active &+= 1
      return call
    }
    return nil
  }

  /// The handler of a call that ``next()`` gave has ended.
  func ended() {
    active &-= 1
    if active == 0 { idleAction?() }
  }

  /// Puts a runner aside; false when it should end.
  func park(_ runner: CallRunner) -> Bool {
    guard !isShutDown, idle.count < Self.maxIdleRunners else { return false }
    idle.append(runner)
    return true
  }
}
