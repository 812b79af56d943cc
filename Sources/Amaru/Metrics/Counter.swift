// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A number that only grows, of ``Metrics/counter(_:help:unit:labels:)``. Any thread, without a lock.
public final class Counter: Sendable {
  private let count = Atomic<UInt64>(0)

  init() {}

  /// Adds to it.
  public func increment(by amount: UInt64 = 1) { count.wrappingAdd(amount, ordering: .relaxed) }

  /// The present value.
  public var value: UInt64 { count.load(ordering: .relaxed) }
}
