// SPDX-License-Identifier: Apache-2.0
import AmaruSharedMemory
import CAmaruLinux
import CPythonABI
import Glibc

/// What a listener or a channel sleeps on. Its descriptor may stand in another loop.
final class Poller {
  let descriptor: Int32
  private let bell: Doorbell
  /// Threads that wait now.
  private var waiters = 0

  /// The mark of ``wake()``.
  private static let bellMark: UInt64 = .max

  init() throws(SharedMemoryError) {
    bell = try Doorbell()
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard descriptor >= 0 else { throw .system(action: "make an epoll", code: errno) }
    add(bell.descriptor.number, Self.bellMark)
  }

  deinit { close(descriptor) }

  /// Watches a descriptor; what ``wait(_:)`` gives for it is `mark`.
  func add(_ watched: Int32, _ mark: UInt64) {
    var event = epoll_event()
    event.events = UInt32(EPOLLIN.rawValue | EPOLLRDHUP.rawValue)
    event.data.u64 = mark
    epoll_ctl(descriptor, EPOLL_CTL_ADD, watched, &event)
  }

  func remove(_ watched: Int32) { epoll_ctl(descriptor, EPOLL_CTL_DEL, watched, nil) }

  /// Ends the wait of every thread, now or the next one. Any thread.
  func wake() { bell.ring() }

  /// Whether other threads wait, which ``wake()`` tells of news.
  var hasOthers: Bool { waiters > 0 }

  /// Waits until something is to be done, at most `nanoseconds`; other threads run meanwhile. Gives the marks.
  /// - Throws: what a signal's handler raised.
  func wait(nanoseconds: UInt64?) throws(Raised) -> [UInt64] {
    // Rounded up, so that a time is over when the wait is.
    let milliseconds =
      nanoseconds.map { Int32(min(($0 + 999_999) / 1_000_000, 1_000_000_000)) } ?? -1
    var events = [epoll_event](repeating: epoll_event(), count: 64)
    let descriptor = descriptor
    waiters += 1
    let (count, error) =
      milliseconds == 0
      ? (epoll_wait(descriptor, &events, 64, 0), errno)
      : Python.waiting { (epoll_wait(descriptor, &events, 64, milliseconds), errno) }
    waiters -= 1
    if count < 0 {
      if error == EINTR, PyErr_CheckSignals() != 0 { throw Raised() }
      return []
    }
    var marks: [UInt64] = []
    for event in events.prefix(Int(count)) {
      guard event.data.u64 == Self.bellMark else {
        marks.append(event.data.u64)
        continue
      }
      bell.silence()
      // One wake-up may have been meant for several threads.
      if waiters > 0 { bell.ring() }
    }
    return marks
  }
}
