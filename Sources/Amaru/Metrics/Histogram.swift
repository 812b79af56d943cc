// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Counts observations by their size, of ``Metrics/histogram(_:help:unit:labels:bounds:)``. Any thread, with a short
/// lock.
public final class Histogram: Sendable {
  private let bounds: [Double]
  private let state: Mutex<(counts: [UInt64], sum: Double)>

  init(bounds: [Double]) {
    self.bounds = bounds
    state = Mutex(([UInt64](repeating: 0, count: bounds.count + 1), 0))
  }

  /// Counts one observation; what is not a number is not counted.
  public func observe(_ value: Double) {
    guard !value.isNaN else { return }
    let index = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock { state in
      state.counts[index] &+= 1
      state.sum += value
    }
  }

  /// What was counted so far.
  public var value: HistogramValue {
    let (counts, sum) = state.withLock { $0 }
    return HistogramValue(bounds: bounds, counts: counts, sum: sum)
  }
}
