// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// Where the counters of one method stand, and what they say.
struct CallCounts: Sendable {
  static let started = 0
  static let receivedMessages = 1
  static let receivedBytes = 2
  static let sentMessages = 3
  static let sentBytes = 4
  private static let outcomes = 5
  /// The codes that there are, as a constant that needs no look at the type.
  static let codes = 17
  /// The buckets of a code and the nanoseconds of all its calls.
  private static let outcomeStride = LatencyBuckets.count + 1
  /// Counters of one method.
  static let stride = outcomes + codes * outcomeStride

  private(set) var cells = [UInt64](repeating: 0, count: stride)

  /// Where the buckets of `code` begin.
  static func outcome(_ code: StatusCode) -> Int { outcomes + code.rawValue * outcomeStride }

  /// Where the nanoseconds of the calls with `code` are summed.
  static func nanoseconds(_ code: StatusCode) -> Int { outcome(code) + LatencyBuckets.count }

  /// Adds the counters of a loop.
  mutating func add(_ values: [UInt64]) {
    for (index, value) in values.enumerated() where index < cells.count { cells[index] &+= value }
  }

  subscript(_ index: Int) -> UInt64 { index < cells.count ? cells[index] : 0 }

  /// The durations of the calls that ended with `code`; nil when none did.
  func durations(_ code: StatusCode) -> HistogramValue? {
    let start = Self.outcome(code)
    let counts = Array(cells[start..<start + LatencyBuckets.count])
    guard counts.contains(where: { $0 > 0 }) else { return nil }
    return HistogramValue(
      bounds: LatencyBuckets.bounds, counts: counts,
      sum: Double(self[Self.nanoseconds(code)]) / 1e9)
  }

  /// Calls that have not ended.
  var inFlight: UInt64 {
    let ended = StatusCode.allCases.reduce(UInt64(0)) { sum, code in
      sum &+ (durations(code)?.count ?? 0)
    }
    // The two are not read at the same moment.
    return self[Self.started] >= ended ? self[Self.started] - ended : 0
  }
}
