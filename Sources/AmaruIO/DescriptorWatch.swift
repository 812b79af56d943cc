// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux

/// Watches a descriptor that belongs to somebody else, who closes it after ``stop()``. Confined to its loop.
package final class DescriptorWatch: EventSource {
  /// How the loop is woken.
  package enum Trigger {
    /// As long as the descriptor is readable.
    case level
    /// Once for each time that it becomes so, without a read: for an eventfd, once for each write.
    case edge
    /// As `level`; of several loops that watch the descriptor, one is woken.
    case exclusive
  }

  private unowned let loop: EventLoop
  private let events: UInt32
  private let action: () -> Void
  private var isPaused = false

  /// Calls `action` on `loop` when `descriptor` is readable, or at its end.
  package static func start(
    _ descriptor: Int32, _ trigger: Trigger = .level, on loop: EventLoop,
    action: @escaping () -> Void
  ) throws(IOError) -> DescriptorWatch {
    let watch = DescriptorWatch(descriptor, trigger, loop, action)
    try loop.add(watch, events: watch.events)
    return watch
  }

  private init(
    _ descriptor: Int32, _ trigger: Trigger, _ loop: EventLoop, _ action: @escaping () -> Void
  ) {
    self.loop = loop
    self.action = action
    events =
      EPOLLIN.rawValue
      | (trigger == .edge ? EPOLLET.rawValue : trigger == .exclusive ? 1 << 28 : 0)
    super.init(descriptor: descriptor)
  }

  /// Watches no more. The action may still be called in the present turn.
  package func stop() { loop.remove(self, closesDescriptor: false) }

  /// Does not watch for a while, or goes on.
  package func setPaused(_ paused: Bool) {
    guard paused != isPaused, !isClosed else { return }
    isPaused = paused
    loop.setWatched(self, !paused, events: events)
  }

  override func ready(_ events: UInt32, on loop: EventLoop) { action() }
}
