// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc

/// A connected stream socket on a loop: the thin driver under a connection. It never parses.
///
/// Reads stop while sent bytes wait for the peer, so that a peer that does not read is not served more
/// requests either.
package final class StreamSocket: EventSource, LoopOutput {
  /// Rounds of produce and send before other connections get their turn.
  private static let maxSendsPerFlush = 8

  /// What a peer may still send, and for how long, after everything was sent to it.
  private static let maxLingerBytes = 1 << 20
  private static let lingerNanoseconds: UInt64 = 1_000_000_000
  /// Buffers that are read of a peer that takes no more bytes.
  private static let maxReadsAtEnd = 8

  package unowned let loop: EventLoop
  /// The protocol behind the socket; set before ``start()``.
  @exclusivity(unchecked) package var handler: (any ByteStreamHandler)?
  /// When the peer last took or sent bytes, in the loop's nanoseconds.
  @exclusivity(unchecked) package private(set) var lastProgress: UInt64
  @exclusivity(unchecked) private var unsent: [UInt8] = []
  @exclusivity(unchecked) private var unsentStart = 0
  @exclusivity(unchecked) private var isDirty = false
  @exclusivity(unchecked) private var isBlocked = false
  @exclusivity(unchecked) private var isPaused = false

  @exclusivity(unchecked) private var lingerTimer: Timer?
  @exclusivity(unchecked) private var lingered = 0

  /// A socket on `loop` over a connected descriptor, which it closes.
  package init(descriptor: Int32, loop: EventLoop) {
    self.loop = loop
    lastProgress = loop.now
    super.init(descriptor: descriptor)
  }

  /// Has TCP send at once what it is given: the loop gathers what belongs together.
  static func setNoDelay(_ descriptor: Int32) {
    var one: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
  }

  /// The two ends of a connection inside this process.
  package static func pair() throws(IOError) -> (Int32, Int32) {
    var ends: (Int32, Int32) = (-1, -1)
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let result = withUnsafeMutableBytes(of: &ends) {
      socketpair(AF_UNIX, kind, 0, $0.bindMemory(to: Int32.self).baseAddress)
    }
    guard result == 0 else { throw IOError("make a connection inside the process") }
    return ends
  }

  /// Closes a descriptor that no socket was made of.
  package static func discard(_ descriptor: Int32) { Glibc.close(descriptor) }

  /// Begins to read.
  package func start() throws(IOError) {
    try loop.add(self, events: EPOLLIN.rawValue)
    setNeedsFlush()
  }

  /// Whether bytes wait for the peer to take them.
  package var isWriteBlocked: Bool { isBlocked }

  /// Has the loop ask the handler for bytes to send, at the next turn.
  @inline(__always)
  package func setNeedsFlush() {
    guard !isDirty else { return }
    isDirty = true
    loop.markDirty(self)
  }

  /// Stops to read, or goes on. A peer that hangs up is read to its end all the same.
  package func setPaused(_ paused: Bool) {
    guard paused != isPaused, !isClosed, lingerTimer == nil else { return }
    isPaused = paused
    watch()
  }

  /// Closes the socket at once; what is unsent is lost.
  package func close() {
    guard !isClosed else { return }
    loop.remove(self)
    if let lingerTimer { loop.cancel(lingerTimer) }
    lingerTimer = nil
    let handler = handler
    self.handler = nil
    handler?.closed()
  }

  override func ready(_ events: UInt32, on loop: EventLoop) {
    if events & EPOLLOUT.rawValue != 0 {
      setBlocked(false)
      setNeedsFlush()
    }
    // A hang-up or error shows in recv.
    guard events & ~EPOLLOUT.rawValue != 0 else { return }
    let input = loop.input
    let count = recv(descriptor, input.baseAddress!, input.count, 0)
    if count > 0 {
      lastProgress = loop.now
      if lingerTimer == nil {
        handler?.receive(UnsafeRawBufferPointer(rebasing: input[..<count]))
      } else {
        lingered += count
        if lingered > Self.maxLingerBytes { close() }
      }
    } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
      close()
    }
  }

  /// Sends what the handler has, until there is no more, the peer takes no more, or others want a turn.
  package func flush() {
    isDirty = false
    guard !isClosed, !isBlocked, lingerTimer == nil, let handler else { return }
    guard sendUnsent() else { return }
    let output = loop.output
    for _ in 0..<Self.maxSendsPerFlush {
      let count = handler.produce(into: output)
      if isClosed { return }
      guard count > 0 else {
        if handler.isDone { finish() }
        return
      }
      let bytes = UnsafeRawBufferPointer(rebasing: output[..<count])
      let sent = transmit(bytes)
      if isClosed { return }
      if sent < count {
        unsent.append(contentsOf: bytes[sent...])
        setBlocked(true)
        return
      }
      if count < output.count / 2, !handler.isDone { return }
    }
    setNeedsFlush()
  }

  /// Sends what an earlier flush could not; false when some is left.
  private func sendUnsent() -> Bool {
    guard unsentStart < unsent.count else { return true }
    let sent = unsent.withUnsafeBytes { bytes in
      transmit(UnsafeRawBufferPointer(rebasing: bytes[unsentStart...]))
    }
    if isClosed { return false }
    unsentStart += sent
    guard unsentStart == unsent.count else {
      setBlocked(true)
      return false
    }
    unsent = []
    unsentStart = 0
    return true
  }

  /// The number of bytes that the system took; closes the socket on an error.
  private func transmit(_ bytes: UnsafeRawBufferPointer) -> Int {
    let sent = send(descriptor, bytes.baseAddress!, bytes.count, Int32(MSG_NOSIGNAL))
    if sent >= 0 {
      lastProgress = loop.now
      return sent
    }
    if errno != EAGAIN, errno != EINTR { closeAfterReading() }
    return 0
  }

  /// The peer takes no more bytes: what it sent before may say why, such as GOAWAY, and is read first.
  private func closeAfterReading() {
    let input = loop.input
    for _ in 0..<Self.maxReadsAtEnd {
      let count = recv(descriptor, input.baseAddress!, input.count, Int32(MSG_DONTWAIT))
      guard count > 0 else { break }
      handler?.receive(UnsafeRawBufferPointer(rebasing: input[..<count]))
      if isClosed { return }
    }
    close()
  }

  /// Everything is sent: tells the peer, and closes when it has closed too.
  ///
  /// A socket that is closed while received bytes are unread is reset, which may take from the peer what was
  /// sent last, such as GOAWAY. So what still comes is read and dropped, for a while.
  private func finish() {
    shutdown(descriptor, Int32(SHUT_WR))
    setPaused(false)
    let timer = Timer { [unowned self] in close() }
    lingerTimer = timer
    loop.schedule(timer, at: loop.now + Self.lingerNanoseconds)
  }

  private func setBlocked(_ blocked: Bool) {
    guard blocked != isBlocked else { return }
    isBlocked = blocked
    if blocked { lastProgress = loop.now }
    watch()
  }

  /// While blocked only writability and hang-ups are of interest, while paused only hang-ups.
  private func watch() {
    let events = isBlocked ? EPOLLOUT.rawValue : isPaused ? 0 : EPOLLIN.rawValue
    loop.modify(self, events: events)
  }
}
