// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc
import Synchronization

/// Writes lines to a descriptor from a thread of its own, so that nobody who logs waits for a slow reader.
///
/// At most `maxBytes` wait beside those that are being written; a line that does not fit is dropped and counted, and
/// a line that says how many follows as soon as there is room. All members may be used from any thread.
package final class LineWriter: Sendable {
  /// Pauses of 10 ms in which the end of the process waits for what is being written.
  private static let maxPausesAtExit = 100

  private let descriptor: Int32
  private let maxBytes: Int
  /// Makes the line about the number of lines that were dropped.
  private let dropNotice: @Sendable (UInt64) -> String
  private let bell: Int32
  /// Held while bytes are taken and written, which keeps them in order.
  private let writing = Mutex(())
  private let state = Mutex(State())

  private struct State {
    var bytes: [UInt8] = []
    var unreported: UInt64 = 0
    var dropped: UInt64 = 0
    var hasThread = false
    var isClosed = false
  }

  /// A writer to `descriptor`, which stays the caller's.
  package init(
    _ descriptor: Int32, maxBytes: Int = 1 << 20,
    dropNotice: @escaping @Sendable (UInt64) -> String
  ) {
    self.descriptor = descriptor
    self.maxBytes = maxBytes
    self.dropNotice = dropNotice
    bell = eventfd(0, Int32(EFD_CLOEXEC))
  }

  deinit { if bell >= 0 { Glibc.close(bell) } }

  /// Lines that were dropped so far.
  package var droppedLines: UInt64 { state.withLock { $0.dropped } }

  /// Takes a line, which holds its own end. Never waits for the descriptor.
  package func write(_ line: String) {
    let (mustRing, needsThread) = state.withLock { state -> (Bool, Bool) in
      guard !state.isClosed, state.bytes.count + line.utf8.count <= maxBytes else {
        state.unreported += 1
        state.dropped += 1
        return (false, false)
      }
      let isFirst = state.bytes.isEmpty
      state.bytes.append(contentsOf: line.utf8)
      defer { state.hasThread = true }
      return (isFirst, !state.hasThread)
    }
    if needsThread { start() }
    if mustRing { ring() }
  }

  /// Writes what waits, as far as the descriptor takes it within a second. For the end of the process: the calling
  /// thread hears of no SIGPIPE from then on.
  package func flush() {
    Self.ignoreBrokenPipes()
    for _ in 0..<Self.maxPausesAtExit {
      if writing.withLockIfAvailable({ _ in drain(patience: 10) }) != nil { return }
      usleep(10_000)
    }
  }

  /// Takes no further lines; the thread ends when it has written those that wait.
  package func close() {
    state.withLock { $0.isClosed = true }
    ring()
  }

  /// A reader that is gone must not end the process.
  private static func ignoreBrokenPipes() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  private func ring() {
    var one: UInt64 = 1
    _ = Glibc.write(bell, &one, 8)
  }

  private func start() {
    do throws(IOError) {
      try SystemThread { [self] in run() }.detach()
    } catch {
      // Without a thread the line is written here, which is better than not at all; the next one tries again.
      state.withLock { $0.hasThread = false }
      flush()
    }
  }

  private func run() {
    Self.ignoreBrokenPipes()
    var count: UInt64 = 0
    while true {
      if read(bell, &count, 8) < 0, errno != EINTR { return }
      writing.withLock { _ in drain(patience: -1) }
      if state.withLock({ $0.isClosed && $0.bytes.isEmpty }) { return }
    }
  }

  /// Takes and writes until nothing waits, or the descriptor takes no more for `patience` milliseconds; -1 waits for as
  /// long as it takes.
  private func drain(patience: Int32) {
    while true {
      let (bytes, dropped) = state.withLock { state in
        defer {
          state.bytes = []
          state.unreported = 0
        }
        return (state.bytes, state.unreported)
      }
      let all = bytes + (dropped > 0 ? Array(dropNotice(dropped).utf8) : [])
      if all.isEmpty { return }
      let rest = send(all, patience)
      guard rest.isEmpty else {
        // The thread goes on with it, if the process does.
        state.withLock { $0.bytes = rest + $0.bytes }
        return ring()
      }
    }
  }

  /// Writes `bytes`, and gives what the descriptor did not take in time; nothing when it takes no more at all.
  private func send(_ bytes: [UInt8], _ patience: Int32) -> ArraySlice<UInt8> {
    var rest = bytes[...]
    while !rest.isEmpty {
      if patience >= 0, !isWritable(patience) { return rest }
      // A pipe that is writable takes this many without waiting (pipe(7)).
      let piece = patience >= 0 ? rest.prefix(Int(PIPE_BUF)) : rest
      let count = piece.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count < 0, errno == EAGAIN {
        if !isWritable(patience) { return rest }
      } else if count == 0 || errno != EINTR {
        return []
      }
    }
    return []
  }

  private func isWritable(_ patience: Int32) -> Bool {
    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return Glibc.poll(&poll, 1, patience) > 0
  }
}

extension LineWriter {
  private static let atExit = Mutex<LineWriter?>(nil)

  /// A writer to standard error, whose lines are written when the process ends by `exit`. For one constant.
  package static func standardError(
    dropNotice: @escaping @Sendable (UInt64) -> String
  ) -> LineWriter {
    let writer = LineWriter(STDERR_FILENO, dropNotice: dropNotice)
    atExit.withLock { $0 = writer }
    atexit { LineWriter.atExit.withLock { $0 }?.flush() }
    return writer
  }
}
