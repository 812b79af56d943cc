// SPDX-License-Identifier: Apache-2.0

/// The jobs that wait for one loop, first in, first out. Confined to the loop.
struct JobQueue: ~Copyable {
  // SAFETY: `base[head..<tail]` is initialised, and 0 <= head <= tail <= capacity.
  private var base: UnsafeMutablePointer<UnownedJob>
  private var capacity = 1024
  private var head = 0
  private var tail = 0

  init() { base = .allocate(capacity: capacity) }
  deinit { base.deallocate() }

  var isEmpty: Bool { head == tail }
  var count: Int { tail &- head }

  @inline(__always)
  mutating func push(_ job: UnownedJob) {
    if tail == capacity { makeRoom() }
    (base + tail).initialize(to: job)
    tail &+= 1
  }

  @inline(__always)
  mutating func pop() -> UnownedJob? {
    guard head < tail else { return nil }
    let job = base[head]
    head &+= 1
    if head == tail {
      head = 0
      tail = 0
    }
    return job
  }

  @inline(never)
  private mutating func makeRoom() {
    let count = tail - head
    if head > capacity / 2 {
      base.update(from: base + head, count: count)
    } else {
      let larger = UnsafeMutablePointer<UnownedJob>.allocate(capacity: capacity * 2)
      larger.moveInitialize(from: base + head, count: count)
      base.deallocate()
      base = larger
      capacity *= 2
    }
    head = 0
    tail = count
  }
}
