// SPDX-License-Identifier: Apache-2.0

/// Bytes that wait to be sent: appended at the end, taken from the front.
///
/// In place of an array: no uniqueness checks, no zeroing, and the front moves without a copy.
// SAFETY: `base[start..<end]` is initialised, and 0 <= start <= end <= capacity.
package struct ByteQueue: ~Copyable {
  private static let smallCapacity = 4096

  private var base: UnsafeMutableRawPointer?
  private var capacity = 0
  private var start = 0
  private var end = 0

  package init() {}
  deinit { base?.deallocate() }

  /// How many bytes wait.
  package var count: Int { end &- start }

  /// The bytes that wait; they hold until the queue is next changed.
  package var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base.map { $0 + start }, count: count)
  }

  /// Adds `bytes` at the end.
  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    if start == end { reset() }
    if capacity &- end < bytes.count { makeRoom(bytes.count) }
    guard let base else { return }
    (base + end).copyMemory(from: source, byteCount: bytes.count)
    end &+= bytes.count
  }

  /// Adds the bytes of `text` at the end.
  package mutating func append(_ text: StaticString) {
    append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Adds the bytes of `text` at the end.
  package mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  /// Keeps the first `count` bytes, of which there may be fewer.
  package mutating func truncate(to count: Int) { end = min(end, start &+ count) }

  /// Moves `count` bytes from the front to `target`; there are as many.
  package mutating func take(_ count: Int, to target: UnsafeMutableRawPointer) {
    guard let base, count <= self.count else { return }
    target.copyMemory(from: base + start, byteCount: count)
    drop(count)
    // A small buffer is kept for the next message; a large one was for a large message.
    if start == end, capacity > Self.smallCapacity { removeAll() }
  }

  /// Takes `count` bytes from the front; there are as many. Their memory stays until the next `append`.
  package mutating func drop(_ count: Int) { start = min(start &+ count, end) }

  /// Empties the queue and keeps its memory.
  package mutating func reset() {
    start = 0
    end = 0
  }

  /// Lets go of everything, the memory too.
  package mutating func removeAll() {
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
      let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 8)
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
