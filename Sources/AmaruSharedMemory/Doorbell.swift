// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux

/// An eventfd that wakes a sleeping process. May be used from any thread.
package final class Doorbell: Sendable {
  /// The eventfd: readable when it was rung.
  package let descriptor: Descriptor

  /// Makes a doorbell of this process, on which it sleeps.
  ///
  /// - Throws: ``SharedMemoryError/system(action:code:)``.
  package init() throws(SharedMemoryError) {
    descriptor = try Descriptor(amaru_doorbell(), "make a doorbell")
  }

  /// Takes the doorbell of a peer.
  ///
  /// - Throws: ``SharedMemoryError/handshake(_:)`` when the descriptor is not an eventfd.
  package init(peer descriptor: Descriptor) throws(SharedMemoryError) {
    guard amaru_descriptor_kind(descriptor.number) == Int32(AMARU_EVENTFD) else {
      throw .handshake("the peer's doorbell is no eventfd")
    }
    self.descriptor = descriptor
  }

  /// Wakes who sleeps on it, now or when it next falls asleep.
  package func ring() { _ = amaru_ring_doorbell(descriptor.number) }

  /// Makes it quiet again. A level-triggered loop does so after it woke, before it looks at its rings; an
  /// edge-triggered one need not.
  package func silence() { amaru_silence_doorbell(descriptor.number) }
}
