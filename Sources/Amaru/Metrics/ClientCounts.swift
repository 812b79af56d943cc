// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import Synchronization

/// The counters of one channel. Its loop alone writes; any thread reads.
final class ClientCounts: @unchecked Sendable {
  /// Methods that a channel tells apart; all further ones share a label.
  static let maxMethods = 200
  /// The label that methods and targets beyond a limit share.
  static let other = "other"

  /// The host that the channel's calls are for.
  let target: String
  private let loop: EventLoop
  /// Confined to the loop, which adds to the list that all read.
  @exclusivity(unchecked) private var known: [String: AtomicCounts] = [:]
  private let methods = Mutex<[(method: String, counts: AtomicCounts)]>([])
  private let backends = Mutex<[BackendState]>([])

  init(target: String, loop: EventLoop) {
    self.target = target
    self.loop = loop
  }

  // MARK: The loop

  /// An attempt at a call has been started. It is counted again when it has ended.
  func attemptBegan(_ call: ClientCall, isRepeated: Bool) {
    let counts = counts(call.method)
    let began = loop.now
    counts.add(1, at: CallCounts.started)
    if isRepeated { counts.add(1, at: ClientTotals.retries) }
    call.whenEnded { call in
      Self.add(
        call.failure, since: began, to: counts, at: 0)
      let traffic = call.trafficSoFar
      counts.add(UInt64(traffic.sentMessages), at: CallCounts.sentMessages)
      counts.add(UInt64(traffic.sentBytes), at: CallCounts.sentBytes)
    }
  }

  /// A call, of however many attempts, has begun.
  func callBegan(_ method: MethodDescriptor) {
    counts(method).add(1, at: ClientTotals.calls + CallCounts.started)
  }

  /// A call that began at the loop's time `began` has ended; `traffic` is what the caller took from its last attempt.
  func callEnded(
    _ method: MethodDescriptor, since began: UInt64, _ error: RPCError?, _ traffic: CallTraffic
  ) {
    let counts = counts(method)
    let start = ClientTotals.calls
    counts.add(UInt64(traffic.receivedMessages), at: start + CallCounts.receivedMessages)
    counts.add(UInt64(traffic.receivedBytes), at: start + CallCounts.receivedBytes)
    Self.add(error, since: began, to: counts, at: start)
  }

  /// The servers have changed.
  func publish(_ states: [BackendState]) { backends.withLock { $0 = states } }

  private static func add(
    _ error: RPCError?, since began: UInt64, to counts: AtomicCounts, at start: Int
  ) {
    let now = EventLoop.currentNanoseconds()
    let nanoseconds = now > began ? now - began : 0
    let code = error?.code ?? .ok
    counts.add(
      1, at: start + CallCounts.outcome(code) + LatencyBuckets.index(nanoseconds: nanoseconds))
    counts.add(nanoseconds, at: start + CallCounts.nanoseconds(code))
  }

  private func counts(_ method: MethodDescriptor) -> AtomicCounts {
    if let counts = known[method.fullName] { return counts }
    let name = known.count < Self.maxMethods ? method.fullName : Self.other
    if let counts = known[name] { return counts }
    let new = AtomicCounts(ClientTotals.stride)
    known[name] = new
    methods.withLock { $0.append((name, new)) }
    return new
  }

  // MARK: Any thread

  /// Adds what was counted so far to `totals`.
  func add(to totals: inout ClientTotals) {
    for (method, counts) in methods.withLock({ $0 }) {
      totals.add(counts.values(0..<counts.count), target: target, method: method)
    }
  }

  /// The servers, as they were when they last changed.
  var backendStates: [BackendState] { backends.withLock { $0 } }
}
