// SPDX-License-Identifier: Apache-2.0

/// Bytes that wait to be sent: appended at the end, taken from the front.
///
/// In place of an array: no uniqueness checks, no zeroing, and the front moves without a copy.
// SAFETY: `base[start..<end]` is initialised, and 0 <= start <= end <= capacity.
struct ByteQueue: ~Copyable {
  private static let smallCapacity = 4096

  private var base: UnsafeMutableRawPointer?
  private var capacity = 0
  private var start = 0
  private var end = 0

  init() {}
  deinit { base?.deallocate() }

  /// How many bytes wait.
  var count: Int { end &- start }

  /// Adds `bytes` at the end.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    if capacity - end < bytes.count { makeRoom(bytes.count) }
    guard let base else { return }
    (base + end).copyMemory(from: source, byteCount: bytes.count)
    end &+= bytes.count
  }

  /// Moves `count` bytes from the front to `target`; there are as many.
  mutating func take(_ count: Int, to target: UnsafeMutableRawPointer) {
    guard let base, count <= self.count else { return }
    target.copyMemory(from: base + start, byteCount: count)
    start &+= count
    guard start == end else { return }
    start = 0
    end = 0
    // A small buffer is kept for the next message; a large one was for a large message.
    if capacity > Self.smallCapacity { removeAll() }
  }

  /// Lets go of everything, the memory too.
  mutating func removeAll() {
    base?.deallocate()
    base = nil
    capacity = 0
    start = 0
    end = 0
  }

  @inline(never)
  private mutating func makeRoom(_ count: Int) {
    let used = self.count
    let needed = used + count
    if let base, needed <= capacity / 2 {
      base.copyMemory(from: base + start, byteCount: used)
    } else {
      let larger = max(128, needed, capacity * 2)
      let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
      if let base {
        memory.copyMemory(from: base + start, byteCount: used)
        base.deallocate()
      }
      base = memory
      capacity = larger
    }
    start = 0
    end = used
  }
}
