// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux

/// The four words that the ends of a ring share, each in cache lines of its own.
struct RingControl {
  // SAFETY: a page-aligned mapping at the offset that the layout gives, kept by the ring's end.
  private let address: UnsafeMutableRawPointer

  init(_ address: UnsafeMutableRawPointer) { self.address = address }

  /// Set by a consumer that sleeps: the producer rings its doorbell after it has published.
  var parked: SharedWord { SharedWord(address + 0x100) }

  /// Set by a producer that waits for room: the consumer rings its doorbell after it has freed some.
  var starved: SharedWord { SharedWord(address + 0x180) }

  /// Bytes that the producer has published since the beginning.
  ///
  /// SYNC POINT: acquire, with the release in ``publish(tail:)``: the records before it are whole.
  var tail: UInt64 { amaru_load_acquire_u64(address) }

  /// Publishes everything before `tail`.
  func publish(tail: UInt64) { amaru_store_release_u64(address, tail) }

  /// Bytes that the consumer has done with since the beginning.
  ///
  /// SYNC POINT: acquire, with the release in ``release(head:)``: the consumer reads nothing before it any more.
  var head: UInt64 { amaru_load_acquire_u64(address + 0x80) }

  /// Gives everything before `head` back to the producer.
  func release(head: UInt64) { amaru_store_release_u64(address + 0x80, head) }
}
