// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux

/// An atomic word of 32 bits in shared memory, zero or not: a flag, or the state of a slot.
///
/// `Atomic` owns its storage and cannot be put over memory of another process, so these are the
/// compiler's builtins on an address.
struct SharedWord {
  // SAFETY: aligned, and inside a mapping that the user of this word keeps.
  private let address: UnsafeMutableRawPointer

  init(_ address: UnsafeMutableRawPointer) { self.address = address }

  /// Whether the word is set; what was stored before it was cleared with ``clearReleasing()`` is then visible.
  var isSetAcquiring: Bool { amaru_load_acquire_u32(address) != 0 }

  /// Sets the word, without an order.
  func set() { amaru_store_u32(address, 1) }

  /// Clears the word, without an order.
  func clear() { amaru_store_u32(address, 0) }

  /// Clears the word after everything that was done before.
  func clearReleasing() { amaru_store_release_u32(address, 0) }

  /// Clears the word after a full fence; whether it was set. Of several that clear it at once, one is told so.
  ///
  /// SYNC POINT: with ``setFencing()``. What is stored before this call is seen by whoever sets the
  /// word without being seen here: of two fences, one is the first.
  func takeFencing() -> Bool {
    amaru_fence()
    return amaru_load_u32(address) != 0 && amaru_exchange_u32(address, 0) != 0
  }

  /// Sets the word, then a full fence: what is loaded afterwards is at least as new as what was stored
  /// before a ``takeFencing()`` that did not see it.
  func setFencing() {
    amaru_store_u32(address, 1)
    amaru_fence()
  }
}
