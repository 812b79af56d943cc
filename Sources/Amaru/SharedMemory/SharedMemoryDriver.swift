// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import AmaruSharedMemory

/// Joins one connection over shared memory to a loop. Confined to the loop.
///
/// ```
///   doorbell --> unpark, turn        turn: process, run what became ready, flush; park, or again
///   a call wrote --> turn before the loop waits
///   socket or process at its end --> process what is left, the connection has ended
/// ```
class SharedMemoryDriver: SharedMemoryPeerOwner, LoopOutput {
  /// Rounds of work before other connections get their turn.
  private static let maxRoundsPerTurn = 16
  /// Rounds in which what a peer has left behind is read. A ring is empty after fewer.
  private static let maxRoundsAtEnd = 1 << 12

  unowned let loop: EventLoop
  @exclusivity(unchecked) private(set) var peer: SharedMemoryPeer?
  @exclusivity(unchecked) private var watches: [DescriptorWatch] = []
  @exclusivity(unchecked) private var isMarked = false
  @exclusivity(unchecked) private var isTurning = false
  @exclusivity(unchecked) private(set) final var isClosed = false

  init(loop: EventLoop) { self.loop = loop }

  // MARK: What an end supplies

  /// The peer began a call.
  func callBegan(
    _ head: CallHead, on stream: SharedMemoryStream
  ) -> any SharedMemoryStreamHandler { IgnoredCall() }
  /// A call has ended.
  func streamEnded() {}
  /// Frames were taken: runs what they have made ready.
  func processed() {}
  /// A packet has come on the socket, or its end, while there is no peer yet.
  func handshakeArrived() throws {}
  /// Everything there was is done; the connection may be closed.
  func idled() {}
  /// The connection has ended, its calls too.
  func ended(_ error: any Error) {}

  // MARK: Life

  /// Watches the socket of a handshake.
  final func watchHandshake(_ socket: PacketSocket) throws(IOError) {
    watches.append(
      try DescriptorWatch.start(socket.descriptor.number, on: loop) { [unowned self] in
        socketReady()
      })
  }

  /// The handshake is done: serves the connection.
  final func begin(
    _ connection: SharedMemoryConnection, limits: FrameLimits, maxConcurrentCalls: Int
  ) throws(IOError) {
    peer = SharedMemoryPeer(
      connection, limits: limits, maxConcurrentCalls: maxConcurrentCalls, owner: self)
    watches.append(
      try DescriptorWatch.start(connection.doorbell.descriptor.number, .edge, on: loop) {
        [unowned self] in
        peer?.unpark()
        turn()
      })
    watches.append(
      try DescriptorWatch.start(connection.peerProcess.number, on: loop) { [unowned self] in
        peerEnded()
      })
    peerHasOutput()
  }

  private func socketReady() {
    guard !isClosed else { return }
    // Nothing is sent on the socket after the handshake: it is at its end.
    if peer != nil { return peerEnded() }
    do {
      try handshakeArrived()
    } catch {
      close(error)
    }
  }

  /// The peer is gone. What it has published is still there.
  private func peerEnded() {
    guard !isClosed, let peer else { return }
    do {
      for _ in 0..<Self.maxRoundsAtEnd where try peer.process() {}
      processed()
      close(SharedMemoryError.peerGone)
    } catch {
      close(error)
    }
  }

  /// Ends the connection: its calls fail with `error`, and the peer sees the socket's end.
  ///
  /// Not from inside of what the peer calls.
  final func close(_ error: any Error) {
    guard !isClosed else { return }
    isClosed = true
    for watch in watches { watch.stop() }
    watches = []
    let peer = peer
    // Kept until its calls have let go of it.
    peer?.lose(error as? SharedMemoryError ?? .peerGone)
    self.peer = nil
    ended(error)
  }

  // MARK: Turns

  final func peerHasOutput() {
    guard !isMarked, !isTurning, !isClosed else { return }
    isMarked = true
    loop.markDirty(self)
  }

  final func flush() {
    isMarked = false
    turn()
  }

  /// Does all there is to do, and falls asleep; after a while lets others go on first.
  private func turn() {
    guard let peer, !isTurning else { return }
    isTurning = true
    do {
      for _ in 0..<Self.maxRoundsPerTurn {
        let hasMore = try peer.process()
        processed()
        loop.runReadyJobs()
        guard !isClosed else { return }
        try peer.flush()
        if !hasMore, try peer.park() {
          isTurning = false
          if peer.streamCount == 0 { idled() }
          return
        }
      }
      isTurning = false
      peerHasOutput()
    } catch {
      isTurning = false
      close(error)
    }
  }
}

/// Hears of a call that nobody serves.
final class IgnoredCall: SharedMemoryStreamHandler {
  func streamHasMessage() {}
  func halfClosed() {}
  func cancelled() {}
  func headArrived(_ metadata: Metadata) {}
  func statusArrived(_ status: CallStatus) {}
  func roomAvailable() {}
  func lost(_ error: SharedMemoryError) {}
}
