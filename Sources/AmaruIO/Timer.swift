// SPDX-License-Identifier: Apache-2.0

/// Something that a loop does at a time. Confined to the loop on which it is scheduled.
package final class Timer {
  /// When it fires, in the loop's nanoseconds; meaningless while not scheduled.
  package fileprivate(set) var deadline: UInt64 = 0
  fileprivate(set) var index = -1
  let action: () -> Void

  /// A timer that does `action` when it fires; not scheduled yet.
  package init(action: @escaping () -> Void) { self.action = action }

  /// Whether it is scheduled.
  package var isScheduled: Bool { index >= 0 }
}

/// The timers of a loop: a binary heap in which each timer knows its place, so that one is moved or taken
/// out in logarithmic time and leaves nothing behind.
struct TimerHeap {
  private var timers: [Timer] = []

  /// When the next timer fires.
  var next: UInt64? { timers.first?.deadline }

  /// Schedules `timer` for `deadline`, or moves it there.
  mutating func schedule(_ timer: Timer, at deadline: UInt64) {
    timer.deadline = deadline
    if timer.index < 0 {
      timer.index = timers.count
      timers.append(timer)
    }
    siftUp(timer.index)
    siftDown(timer.index)
  }

  /// Takes `timer` out; nothing when it is not in.
  mutating func cancel(_ timer: Timer) {
    let index = timer.index
    guard index >= 0 else { return }
    timer.index = -1
    let last = timers.removeLast()
    guard index < timers.count else { return }
    timers[index] = last
    last.index = index
    siftUp(index)
    siftDown(last.index)
  }

  /// Takes out the first timer when it is due at `now`.
  mutating func popDue(_ now: UInt64) -> Timer? {
    guard let first = timers.first, first.deadline <= now else { return nil }
    cancel(first)
    return first
  }

  private mutating func siftUp(_ start: Int) {
    var child = start
    let timer = timers[child]
    while child > 0 {
      let parent = (child - 1) / 2
      guard timer.deadline < timers[parent].deadline else { break }
      place(timers[parent], at: child)
      child = parent
    }
    place(timer, at: child)
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    let timer = timers[parent]
    while true {
      var child = 2 * parent + 1
      guard child < timers.count else { break }
      if child + 1 < timers.count, timers[child + 1].deadline < timers[child].deadline {
        child += 1
      }
      guard timers[child].deadline < timer.deadline else { break }
      place(timers[child], at: parent)
      parent = child
    }
    place(timer, at: parent)
  }

  private mutating func place(_ timer: Timer, at index: Int) {
    timers[index] = timer
    timer.index = index
  }
}
