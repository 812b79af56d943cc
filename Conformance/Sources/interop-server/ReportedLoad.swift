// SPDX-License-Identifier: Apache-2.0
import Amaru
import Synchronization

/// The load that the server reports to all that listen. One call at a time may set it. Any thread.
///
/// Source: "Backend metrics report" in gRPC's `interop-test-descriptions.md`.
final class ReportedLoad: Sendable {
  private struct State {
    var report = OrcaLoadReport()
    var isTaken = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  var report: OrcaLoadReport { state.withLock { $0.report } }

  /// Waits until no other call sets the load; ``release()`` must follow.
  func take() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.isTaken { state.waiting.append(continuation) }
        defer { state.isTaken = true }
        return !state.isTaken
      }
      if isFree { continuation.resume() }
    }
  }

  /// Lets the next call set the load.
  func release() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      state.isTaken = !state.waiting.isEmpty
      return state.isTaken ? state.waiting.removeFirst() : nil
    }
    next?.resume()
  }

  /// Forgets what was reported before.
  func set(_ wanted: TestOrcaReport) {
    state.withLock { $0.report = OrcaLoadReport(wanted) }
  }
}

extension OrcaLoadReport {
  /// What a test wants to be reported.
  init(_ wanted: TestOrcaReport) {
    self.init()
    cpuUtilization = wanted.cpuUtilization
    memUtilization = wanted.memoryUtilization
    requestCost = wanted.requestCost
    utilization = wanted.utilization
  }
}
