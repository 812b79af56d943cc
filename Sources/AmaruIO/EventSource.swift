// SPDX-License-Identifier: Apache-2.0

/// A file descriptor that a loop watches. Confined to the loop.
package class EventSource {
  let descriptor: Int32
  /// Whether the loop has let go of it.
  @exclusivity(unchecked) final var isClosed = false

  /// Whether the loop has watched it, and so holds it.
  @exclusivity(unchecked) final var isAdded = false

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// The descriptor is ready for `events` (`EPOLLIN`, `EPOLLOUT`, ...).
  func ready(_ events: UInt32, on loop: EventLoop) {}
}
