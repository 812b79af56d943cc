// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc

/// Hears SIGTERM and SIGINT on a loop. One at a time in a process.
package final class SignalWatch: EventSource {
  private unowned let loop: EventLoop
  private let writeEnd: Int32
  private let action: (Int32) -> Void

  private init(
    read: Int32, write: Int32, loop: EventLoop, action: @escaping (Int32) -> Void
  ) {
    writeEnd = write
    self.loop = loop
    self.action = action
    super.init(descriptor: read)
  }

  /// Calls `action` on `loop` with the number of each signal, in place of the system's own reaction.
  package static func start(
    on loop: EventLoop, action: @escaping (Int32) -> Void
  ) throws(IOError) -> SignalWatch {
    var ends: [Int32] = [0, 0]
    guard amaru_pipe(&ends) == 0 else { throw IOError("watch signals") }
    let watch = SignalWatch(read: ends[0], write: ends[1], loop: loop, action: action)
    try loop.add(watch, events: EPOLLIN.rawValue)
    guard amaru_watch_signals(ends[1]) == 0 else { throw IOError("watch signals") }
    return watch
  }

  /// Gives the signals back to the system.
  package func close() {
    guard !isClosed else { return }
    _ = amaru_watch_signals(-1)
    loop.remove(self)
    Glibc.close(writeEnd)
  }

  override func ready(_ events: UInt32, on loop: EventLoop) {
    var number: UInt8 = 0
    while !isClosed, read(descriptor, &number, 1) == 1 { action(Int32(number)) }
  }
}
