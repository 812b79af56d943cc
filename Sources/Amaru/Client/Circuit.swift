// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// The circuit of one server: counts its calls, opens and closes. Times are nanoseconds of the loop.
struct Circuit {
  /// A call that has passed.
  struct Pass {
    fileprivate let generation: Int
  }

  private let breaker: CircuitBreaker
  private var calls: RollingCount
  private(set) var state = CircuitState.closed
  private var openUntil: UInt64 = 0
  private var trials = 0
  private var trialSuccesses = 0
  private var inFlight = 0
  /// Calls of an earlier state of the circuit say nothing of the present one.
  private var generation = 0

  init(_ breaker: CircuitBreaker) {
    self.breaker = breaker
    calls = RollingCount(nanoseconds: breaker.window.clampedNanoseconds)
  }

  /// Why no call passes at the time `now`; nil when one does.
  mutating func refusal(now: UInt64) -> String? {
    if let limit = breaker.maxConcurrentCalls, inFlight >= limit {
      return "it has \(inFlight) calls in flight, which is the circuit breaker's limit"
    }
    switch state {
    case .closed: return nil
    case .open where now < openUntil:
      let wait = (openUntil - now) / 1_000_000
      return "its circuit is open for another \(wait) ms, for too many of its calls have failed"
    case .open:
      change(to: .halfOpen)
      return nil
    case .halfOpen:
      if trials + trialSuccesses < max(breaker.trialCalls, 1) { return nil }
      return "its circuit is half-open, and the trial calls have not ended"
    }
  }

  /// A call begins, after ``refusal(now:)`` gave nil.
  mutating func began() -> Pass {
    inFlight += 1
    if state == .halfOpen { trials += 1 }
    return Pass(generation: generation)
  }

  /// A call has ended with `error`, nil for success.
  mutating func ended(_ pass: Pass, _ error: RPCError?, now: UInt64) {
    inFlight -= 1
    guard pass.generation == generation else { return }
    let isCancelled = error?.code == .cancelled
    let isFailure = error.map { breaker.failureCodes.contains($0.code) } ?? false
    switch state {
    case .closed:
      guard !isCancelled else { return }
      calls.add(isFailure: isFailure, now: now)
      guard isFailure else { return }
      let (all, failed) = calls.sum(now: now)
      if all >= breaker.minimumCalls, Double(failed) >= breaker.failureRate * Double(all) {
        open(now)
      }
    case .halfOpen:
      trials -= 1
      if isFailure { return open(now) }
      if !isCancelled { trialSuccesses += 1 }
      if trialSuccesses >= max(breaker.trialCalls, 1) {
        change(to: .closed)
        calls.clear()
      }
    case .open: break
    }
  }

  private mutating func open(_ now: UInt64) {
    change(to: .open)
    openUntil = now &+ breaker.openTime.clampedNanoseconds
  }

  private mutating func change(to state: CircuitState) {
    self.state = state
    generation += 1
    trials = 0
    trialSuccesses = 0
  }
}
