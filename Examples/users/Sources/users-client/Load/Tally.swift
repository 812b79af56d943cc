// SPDX-License-Identifier: Apache-2.0
import Amaru
import Synchronization

/// Counts calls. Any thread.
final class Tally: Sendable {
  /// What happened in some time.
  struct Counts {
    var succeeded = 0
    var failed = 0
    /// Calls that were due and not made, since too many were running.
    var skipped = 0
    var perServer: [String: Int] = [:]
  }

  private struct State {
    var total = Counts()
    var sinceLast = Counts()
    var errors: Set<String> = []
    var running = 0
  }

  private static let maxErrorsShown = 5
  private let state = Mutex(State())

  /// Begins a call, unless `limit` are running.
  func begin(limit: Int) -> Bool {
    state.withLock { state in
      guard state.running < limit else {
        state.total.skipped += 1
        state.sinceLast.skipped += 1
        return false
      }
      state.running += 1
      return true
    }
  }

  /// Ends a call that went well, at `server`.
  func succeeded(at server: String) {
    state.withLock { state in
      state.running -= 1
      state.total.succeeded += 1
      state.total.perServer[server, default: 0] += 1
      state.sinceLast.succeeded += 1
      state.sinceLast.perServer[server, default: 0] += 1
    }
  }

  /// Ends a call that failed for good.
  /// - Returns: The error's text, when it is new and not too many were shown.
  func failed(_ error: any Error) -> String? {
    let text = "\(error)"
    return state.withLock { state in
      state.running -= 1
      state.total.failed += 1
      state.sinceLast.failed += 1
      guard state.errors.count < Self.maxErrorsShown, state.errors.insert(text).inserted else {
        return nil
      }
      return text
    }
  }

  /// What happened since this was last asked.
  func sinceLast() -> Counts {
    state.withLock { state in
      defer { state.sinceLast = Counts() }
      return state.sinceLast
    }
  }

  /// What happened in all.
  var total: Counts { state.withLock { $0.total } }
}

extension Tally.Counts {
  /// The counts in one line: `100 ok, 0 failed | 127.0.0.1:50061 34, 127.0.0.1:50062 33, ...`.
  var shown: String {
    let servers = perServer.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    let late = skipped == 0 ? "" : ", \(skipped) not made"
    return "\(succeeded) ok, \(failed) failed\(late) | \(servers.joined(separator: ", "))"
  }
}
