// SPDX-License-Identifier: Apache-2.0
import CNghttp2
import Glibc

/// Memory for the sessions of one loop: small blocks are kept in lists by size and used again.
///
/// nghttp2 makes eight small allocations a call. With more than a handful of calls in flight they miss the C
/// library's per-thread cache, and cost a tenth of the call. Confined to one loop, but for `init`.
// SAFETY: each block has a header of 16 bytes in front that holds its class; a block is in a list or in use.
package final class SessionMemory {
  private static let headerBytes = 16
  private static let stepBytes = 32
  private static let classCount = 16
  /// Blocks kept in one list: what a peak leaves behind is bounded.
  private static let maxKept = 4096

  private let lists: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private let counts: UnsafeMutablePointer<Int>
  /// What nghttp2 is given.
  let table: UnsafeMutablePointer<nghttp2_mem>

  /// Makes an empty store.
  package init() {
    lists = .allocate(capacity: Self.classCount)
    lists.initialize(repeating: nil, count: Self.classCount)
    counts = .allocate(capacity: Self.classCount)
    counts.initialize(repeating: 0, count: Self.classCount)
    table = .allocate(capacity: 1)
    table.initialize(
      to: nghttp2_mem(
        mem_user_data: nil,
        malloc: { size, user in SessionMemory.from(user) { $0.allocate(size) } },
        free: { block, user in SessionMemory.from(user) { $0.free(block) } },
        calloc: { count, size, user in
          SessionMemory.from(user) { memory in
            let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow, let block = memory.allocate(bytes) else { return nil }
            memset(block, 0, bytes)
            return block
          }
        },
        realloc: { block, size, user in SessionMemory.from(user) { $0.resize(block, size) } }))
    table.pointee.mem_user_data = Unmanaged.passUnretained(self).toOpaque()
  }

  deinit {
    for index in 0..<Self.classCount {
      while let block = lists[index] {
        lists[index] = block.load(as: UnsafeMutableRawPointer?.self)
        Glibc.free(block - Self.headerBytes)
      }
    }
    lists.deallocate()
    counts.deallocate()
    table.deallocate()
  }

  @inline(__always)
  private static func from<Result>(
    _ user: UnsafeMutableRawPointer?, _ body: (SessionMemory) -> Result
  ) -> Result {
    Unmanaged<SessionMemory>.fromOpaque(user!)._withUnsafeGuaranteedRef { body($0) }
  }

  @inline(__always)
  private func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    let index = max(0, (size &- 1) / Self.stepBytes)
    if index < Self.classCount, let block = lists[index] {
      lists[index] = block.load(as: UnsafeMutableRawPointer?.self)
      counts[index] &-= 1
      return block
    }
    return allocateNew(size, index)
  }

  @inline(never)
  private func allocateNew(_ size: Int, _ index: Int) -> UnsafeMutableRawPointer? {
    let room = index < Self.classCount ? (index + 1) * Self.stepBytes : size
    guard let memory = malloc(room + Self.headerBytes) else { return nil }
    memory.storeBytes(of: index < Self.classCount ? index : Self.classCount, as: Int.self)
    memory.storeBytes(of: room, toByteOffset: 8, as: Int.self)
    return memory + Self.headerBytes
  }

  @inline(__always)
  private func free(_ block: UnsafeMutableRawPointer?) {
    guard let block else { return }
    let index = (block - Self.headerBytes).load(as: Int.self)
    if index < Self.classCount, counts[index] < Self.maxKept {
      block.storeBytes(of: lists[index], as: UnsafeMutableRawPointer?.self)
      lists[index] = block
      counts[index] &+= 1
    } else {
      Glibc.free(block - Self.headerBytes)
    }
  }

  private func resize(
    _ block: UnsafeMutableRawPointer?, _ size: Int
  ) -> UnsafeMutableRawPointer? {
    guard let block else { return allocate(size) }
    let room = (block - Self.headerBytes).load(fromByteOffset: 8, as: Int.self)
    if size <= room { return block }
    guard let larger = allocate(size) else { return nil }
    larger.copyMemory(from: block, byteCount: room)
    free(block)
    return larger
  }
}
