// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// The counters of one loop of a server. Written by the loop only; read by any thread.
final class ServerCounts: Sendable {
  /// What a method is called that the server does not have.
  static let unknownMethod = "unknown"

  private static let accepted = 0
  private static let closed = 1
  private static let received = 2
  private static let sent = 3

  private let methods: [String]
  private let calls: AtomicCounts
  private let connections = AtomicCounts(4)

  /// Counters for the methods of a router, in its order, and one for all others.
  init(_ methods: [MethodDescriptor]) {
    self.methods = methods.map(\.fullName) + [Self.unknownMethod]
    calls = AtomicCounts(self.methods.count * CallCounts.stride)
  }

  // MARK: The loop

  func connectionOpened() { connections.add(1, at: Self.accepted) }
  func connectionClosed() { connections.add(1, at: Self.closed) }
  @inline(__always)
  func received(_ bytes: Int) { connections.add(UInt64(bytes), at: Self.received) }
  @inline(__always)
  func sent(_ bytes: Int) { connections.add(UInt64(bytes), at: Self.sent) }

  /// A call began; `index` is its method's place in the router.
  func callBegan(_ index: Int) { calls.add(1, at: start(index) + CallCounts.started) }

  /// A call that began has ended.
  func callEnded(
    _ index: Int, _ code: StatusCode, nanoseconds: UInt64, _ traffic: CallTraffic
  ) {
    let start = start(index)
    calls.add(UInt64(traffic.receivedMessages), at: start + CallCounts.receivedMessages)
    calls.add(UInt64(traffic.receivedBytes), at: start + CallCounts.receivedBytes)
    calls.add(UInt64(traffic.sentMessages), at: start + CallCounts.sentMessages)
    calls.add(UInt64(traffic.sentBytes), at: start + CallCounts.sentBytes)
    calls.add(
      1, at: start + CallCounts.outcome(code) + LatencyBuckets.index(nanoseconds: nanoseconds))
    calls.add(nanoseconds, at: start + CallCounts.nanoseconds(code))
  }

  private func start(_ index: Int) -> Int {
    (index >= 0 && index < methods.count ? index : methods.count - 1) &* CallCounts.stride
  }

  // MARK: Any thread

  /// Adds what was counted so far to `totals`.
  func add(to totals: inout ServerTotals) {
    for (index, method) in methods.enumerated() {
      let start = index * CallCounts.stride
      // The ends are read before the beginnings, so that hardly ever more calls have ended than begun.
      let ends = calls.values(start + 1..<start + CallCounts.stride)
      totals.calls[method, default: CallCounts()].add(calls.values(start..<start + 1) + ends)
    }
    let values = connections.values(0..<connections.count)
    for (index, value) in values.enumerated() where index < totals.connections.count {
      totals.connections[index] &+= value
    }
  }
}
