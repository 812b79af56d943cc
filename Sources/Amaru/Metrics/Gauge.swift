// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A number that goes up and down, of ``Metrics/gauge(_:help:unit:labels:)``. Any thread, without a lock.
public final class Gauge: Sendable {
  private let bits = Atomic<UInt64>(0)

  init() {}

  /// The present value.
  public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  /// Sets it.
  public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

  /// Adds to it; a negative amount takes away.
  public func add(_ amount: Double) {
    var old = bits.load(ordering: .relaxed)
    while true {
      let (isDone, present) = bits.weakCompareExchange(
        expected: old, desired: (Double(bitPattern: old) + amount).bitPattern, ordering: .relaxed)
      if isDone { return }
      old = present
    }
  }
}
