// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruSharedMemory

/// One connection with its calls, driven by a poller of Python's. Needs the GIL.
final class Connection: SharedMemoryPeerOwner {
  private(set) var peer: SharedMemoryPeer!
  let poller: Poller
  /// What its marks begin with.
  let number: UInt64
  /// Calls that the peer began; at a server's end.
  var onCall: ((CallHead, SharedMemoryStream) -> any SharedMemoryStreamHandler)?
  private var needsFlush = false
  private var hasTold = false
  /// Calls whose news Python has not heard. It hears them between steps of the peer only, as any Python code lets
  /// other threads run, which may use the peer, too.
  private var news: [any NewsBearer] = []
  private var isParked = false
  /// Whether this end ended it on purpose.
  private(set) var isClosed = false

  /// The descriptors of a connection, as the last bits of a mark.
  private enum Source: UInt64 { case doorbell, socket, process }

  init(
    _ connection: SharedMemoryConnection, _ poller: Poller, number: UInt64, limits: FrameLimits,
    maxConcurrentCalls: Int
  ) {
    self.poller = poller
    self.number = number
    peer = SharedMemoryPeer(
      connection, limits: limits, maxConcurrentCalls: maxConcurrentCalls, owner: self)
    poller.add(connection.doorbell.descriptor.number, mark(.doorbell))
    poller.add(connection.socket.descriptor.number, mark(.socket))
    poller.add(connection.peerProcess.number, mark(.process))
  }

  deinit { peer.lose(.peerGone) }

  private func mark(_ source: Source) -> UInt64 { number << 2 | source.rawValue }

  /// Where the peer is: `shm:` and its process.
  var peerName: String { "shm:\(peer.connection.peerProcessID)" }

  /// Whether there is a connection.
  var isAlive: Bool { peer.end == nil }

  func callBegan(
    _ head: CallHead, on stream: SharedMemoryStream
  ) -> any SharedMemoryStreamHandler {
    onCall?(head, stream) ?? RefusedCall(stream)
  }

  func peerHasOutput() { needsFlush = true }
  func streamEnded() {}

  /// Something that ``Poller/wait(nanoseconds:)`` gave.
  func woke(_ mark: UInt64) {
    switch Source(rawValue: mark & 3) {
    case .doorbell: peer.connection.doorbell.silence()
    case .socket, .process:
      // What the peer published before is still read.
      work()
      if peer.connection.isPeerGone { lose(.peerGone) }
    case nil: break
    }
  }

  /// Takes what has come and sends what waits.
  func work() {
    guard isAlive else { return }
    if isParked {
      peer.unpark()
      isParked = false
    }
    do throws(SharedMemoryError) {
      var hasMore = true
      while hasMore, isAlive {
        hasMore = try peer.process()
        tell()
        needsFlush = false
        if isAlive { try peer.flush() }
        tell()
      }
    } catch {
      lose(error)
    }
    flush()
  }

  /// Whether Python was told anything since this was last asked: then it wants to look, and not to wait.
  func takeHasTold() -> Bool {
    defer { hasTold = false }
    return hasTold
  }

  /// Has Python hear of a call with the next ``tell()``.
  func tellLater(_ call: any NewsBearer) { news.append(call) }

  /// Tells Python what is new. Not inside a step of the peer.
  func tell() {
    // Python code may add to them, and other threads may tell some.
    while !news.isEmpty {
      hasTold = true
      let some = news
      news = []
      for call in some { call.tell() }
    }
  }

  /// Sends what handlers wrote.
  func flush() {
    guard needsFlush, isAlive else { return }
    needsFlush = false
    do throws(SharedMemoryError) {
      try peer.flush()
      // A thread sleeps, and has to hear of room in a ring that is full since now.
      if isParked, try !peer.park() {
        isParked = false
        poller.wake()
      }
    } catch {
      lose(error)
    }
    tell()
  }

  /// Whether there is nothing to do: the peer rings from now on.
  func park() -> Bool {
    guard isAlive, !isParked else { return true }
    flush()
    // What Python wrote when it was told of the news goes out before anybody sleeps.
    guard !needsFlush else { return false }
    do throws(SharedMemoryError) {
      isParked = try peer.park()
      return isParked
    } catch {
      lose(error)
      return true
    }
  }

  /// Parks for a loop that sleeps on the poller's descriptor after this, and does what came meanwhile.
  func rest() {
    for _ in 0..<4 where !park() { work() }
    // There is always more: the loop comes again at once.
    if !park() { poller.wake() }
  }

  /// Ends it on purpose.
  func close() {
    isClosed = true
    lose(.peerGone)
  }

  func lose(_ error: SharedMemoryError) {
    guard isAlive else { return }
    let connection = peer.connection
    poller.remove(connection.doorbell.descriptor.number)
    poller.remove(connection.socket.descriptor.number)
    poller.remove(connection.peerProcess.number)
    peer.lose(error)
    tell()
    if poller.hasOthers { poller.wake() }
  }
}
