// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Counters of one loop: only the loop writes them, so that it needs no locked instruction, and any thread reads them.
final class AtomicCounts: @unchecked Sendable {
  /// How many there are.
  let count: Int
  // SAFETY: initialised in `init`, deinitialised in `deinit`; an index is checked before each use.
  private let cells: UnsafeMutablePointer<Atomic<UInt64>>

  /// `count` counters at 0.
  init(_ count: Int) {
    self.count = max(count, 0)
    cells = .allocate(capacity: max(count, 1))
    for index in 0..<self.count { (cells + index).initialize(to: Atomic(0)) }
  }

  deinit {
    cells.deinitialize(count: count)
    cells.deallocate()
  }

  /// Adds to one counter; does nothing at an index that there is not. The owner only.
  @inline(__always)
  func add(_ amount: UInt64, at index: Int) {
    guard UInt(bitPattern: index) < UInt(bitPattern: count) else { return }
    // SYNC POINT: one writer and relaxed readers; each value stands alone.
    cells[index].store(
      cells[index].load(ordering: .relaxed) &+ amount, ordering: .relaxed)
  }

  /// The values of a range, which lies within the counters. Any thread.
  func values(_ range: Range<Int>) -> [UInt64] {
    range.clamped(to: 0..<count).map { cells[$0].load(ordering: .relaxed) }
  }
}
