// SPDX-License-Identifier: Apache-2.0

/// How many calls there were in the last while, and how many of them failed, to a tenth of that while.
struct RollingCount {
  private static let slotCount = 10

  private struct Slot {
    var number: UInt64 = .max
    var all = 0
    var failed = 0
  }

  private let slotNanoseconds: UInt64
  private var slots = [Slot](repeating: Slot(), count: RollingCount.slotCount)

  /// - Parameter nanoseconds: The while.
  init(nanoseconds: UInt64) {
    slotNanoseconds = max(nanoseconds / UInt64(Self.slotCount), 1)
  }

  mutating func add(isFailure: Bool, now: UInt64) {
    let number = now / slotNanoseconds
    let index = Int(number % UInt64(Self.slotCount))
    if slots[index].number != number { slots[index] = Slot(number: number) }
    slots[index].all += 1
    if isFailure { slots[index].failed += 1 }
  }

  func sum(now: UInt64) -> (all: Int, failed: Int) {
    let last = now / slotNanoseconds
    var sum = (all: 0, failed: 0)
    for slot in slots where slot.number <= last && last - slot.number < UInt64(Self.slotCount) {
      sum.all += slot.all
      sum.failed += slot.failed
    }
    return sum
  }

  mutating func clear() { slots = [Slot](repeating: Slot(), count: Self.slotCount) }
}
