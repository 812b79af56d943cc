// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux

/// A sealed memory file that two processes map: rings, slots and their control words.
///
/// The mapping lives as long as this object, which rings, pools and lent slots hold. It may be used
/// from any thread: what lies in it is reached by atomic words, or belongs to one side at a time.
package final class Segment: @unchecked Sendable {
  /// Where everything lies: decided when the segment was made or attached, and never read again.
  package let layout: SegmentLayout
  /// The memory file, to be passed to the peer.
  package let descriptor: Descriptor
  // SAFETY: mapped for `layout.totalBytes` until `deinit`; offsets come from `layout` alone. The file
  // is sealed against shrinking, so that no touch can fail.
  private let base: UnsafeMutableRawPointer

  /// Makes a segment of zero bytes with its header.
  ///
  /// - Throws: ``SharedMemoryError/system(action:code:)``, for example when memory is short.
  package init(_ layout: SegmentLayout) throws(SharedMemoryError) {
    let descriptor = try Descriptor(
      amaru_memory_file("amaru", UInt64(layout.totalBytes)), "make a shared segment")
    base = try Self.map(descriptor, layout.totalBytes)
    self.layout = layout
    self.descriptor = descriptor
    let header = layout.header()
    base.copyMemory(from: header, byteCount: header.count)
  }

  /// Maps a segment that a peer has made.
  ///
  /// - Parameter maxBytes: The largest segment to take.
  /// - Throws: ``SharedMemoryError/invalidLayout(_:)`` when the file is not sealed, or its size is not
  ///   what its header tells, or crosses the limit; ``SharedMemoryError/versionMismatch(peer:own:)``.
  package init(attaching descriptor: Descriptor, maxBytes: Int) throws(SharedMemoryError) {
    let size = amaru_memory_file_bytes(descriptor.number)
    guard size >= 0 else {
      throw .invalidLayout("the descriptor is no memory file that is sealed against resizing")
    }
    guard size >= SegmentLayout.headerBytes, size <= maxBytes else {
      throw .invalidLayout("a file of \(size) bytes, where at most \(maxBytes) are allowed")
    }
    base = try Self.map(descriptor, Int(size))
    let header = [UInt8](
      UnsafeRawBufferPointer(start: base, count: SegmentLayout.headerBytes))
    do throws(SharedMemoryError) {
      layout = try SegmentLayout(header: header)
      guard layout.totalBytes == size else {
        throw .invalidLayout(
          "a file of \(size) bytes for a segment of \(layout.totalBytes)")
      }
    } catch {
      amaru_unmap(base, UInt64(size))
      throw error
    }
    self.descriptor = descriptor
  }

  deinit { amaru_unmap(base, UInt64(layout.totalBytes)) }

  private static func map(
    _ descriptor: Descriptor, _ bytes: Int
  ) throws(SharedMemoryError) -> UnsafeMutableRawPointer {
    var address: UnsafeMutableRawPointer?
    let result = amaru_map(descriptor.number, UInt64(bytes), &address)
    guard result == 0, let address else {
      throw .system(action: "map a shared segment", code: -result)
    }
    return address
  }

  /// The control words of a ring.
  func control(_ direction: Direction) -> RingControl {
    RingControl(base + layout.controlOffset(direction))
  }

  /// The bytes of a ring.
  func ring(_ direction: Direction) -> UnsafeMutableRawPointer {
    base + layout.ringOffset(direction)
  }

  /// The state word of a slot; nil when there is no such slot.
  func state(_ direction: Direction, slotClass: Int, index: Int) -> SharedWord? {
    layout.stateOffset(direction, slotClass: slotClass, index: index).map { SharedWord(base + $0) }
  }

  /// The bytes of a slot; nil when there is no such slot.
  func slot(
    _ direction: Direction, slotClass: Int, index: Int
  ) -> UnsafeMutableRawBufferPointer? {
    guard let offset = layout.slotOffset(direction, slotClass: slotClass, index: index) else {
      return nil
    }
    let bytes = layout.slotClasses[slotClass].slotBytes
    return UnsafeMutableRawBufferPointer(start: base + offset, count: bytes)
  }

  /// The whole mapping, for tests and fuzzers that play a peer which writes anything anywhere.
  package var everything: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base, count: layout.totalBytes)
  }
}
