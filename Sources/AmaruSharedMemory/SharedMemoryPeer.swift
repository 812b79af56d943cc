// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// The other end of a connection over shared memory, with all calls between the two. A state machine: it never waits.
///
/// Whoever drives it sleeps on the connection's doorbell, socket and process, and after each wake-up does:
///
/// ```
/// silence the doorbell, unpark()
/// repeat
///   process()      frames of the peer come to the owner and the handlers
///   flush()        what they wrote goes out, and the peer is rung once
/// until park()     true: sleep
/// ```
/// An error of any of these ends the connection: ``lose(_:)``.
///
/// Threads: confined to one at a time; only ``LentSlot``s and ``OwnSlot``s may leave it.
/// Source: `docs/protocols/shared-memory.md`.
package final class SharedMemoryPeer {
  /// What each side may send on a call before the other has taken anything.
  package static let initialCredit = 256 << 10
  /// What a message frame costs of the credit.
  static func cost(of count: Int) -> Int { count + 8 }

  /// Rings, slots and descriptors.
  package let connection: SharedMemoryConnection
  /// Bytes of one message that this end takes.
  package let maxMessageBytes: Int
  /// Calls that the peer may have open here.
  let maxConcurrentCalls: Int
  let receiver: SlotReceiver
  // SAFETY: an owner loses its peer before it goes.
  private(set) unowned(unsafe) var owner: any SharedMemoryPeerOwner
  private let limits: FrameLimits
  private var reader: RingReader
  private var writer: RingWriter
  private var pool: SlotPool
  /// What of a message goes inline at most.
  private let inlineBytes: Int
  private var streams: [UInt64: SharedMemoryStream] = [:]
  private var lastID: UInt64 = 0
  /// Streams that have something to send, in the order in which they came.
  private var queued: [SharedMemoryStream] = []
  /// The ring had no room for what is at the head of the queue.
  private var isRingFull = false
  /// Calls whose first frame waits: later calls wait behind them, as ids are counted on in the ring.
  private var unsentCalls = 0
  /// Why there is no connection any more; nil while there is one.
  package private(set) var end: SharedMemoryError?

  /// The peer of a connection that was just made.
  ///
  /// - Parameters:
  ///   - limits: What this end takes: of a message, of metadata.
  ///   - maxConcurrentCalls: What the handshake told the peer; 0 at an end that serves none.
  package init(
    _ connection: SharedMemoryConnection, limits: FrameLimits, maxConcurrentCalls: Int,
    owner: any SharedMemoryPeerOwner
  ) {
    self.connection = connection
    self.limits = limits
    self.maxConcurrentCalls = maxConcurrentCalls
    self.owner = owner
    maxMessageBytes = limits.maxMessageBytes
    receiver = SlotReceiver(
      connection.segment, connection.incoming, doorbell: connection.peerDoorbell)
    reader = RingReader(connection.segment, connection.incoming)
    writer = RingWriter(connection.segment, connection.outgoing)
    pool = SlotPool(connection.segment, connection.outgoing)
    inlineBytes = max(1, writer.maxBodyBytes / 4 - 8)
  }

  deinit {
    for stream in streams.values {
      stream.handler = nil
      stream.lose(.peerGone)
    }
  }

  /// Calls that have not ended.
  package var streamCount: Int { streams.count }

  /// The most bytes that a record can have.
  var maxBodyBytes: Int { writer.maxBodyBytes }

  // MARK: Calling

  /// Whether the peer takes a further call now.
  package var canOpen: Bool {
    end == nil && streams.count < Int(connection.peerLimits.maxConcurrentCalls)
  }

  /// Begins a call.
  ///
  /// - Throws: ``SharedMemoryError/peerGone`` or what else ended the connection; ``SharedMemoryError/tooLarge(bytes:limit:)`` when
  ///   method and metadata do not fit into a record, or ``canOpen`` is false.
  package func open(
    _ head: CallHead, handler: any SharedMemoryStreamHandler
  ) throws(SharedMemoryError) -> SharedMemoryStream {
    if let end { throw end }
    guard canOpen else {
      let limit = Int(connection.peerLimits.maxConcurrentCalls)
      throw .tooLarge(bytes: streams.count, limit: limit)
    }
    let stream = SharedMemoryStream(id: lastID + 1, peer: self)
    let frame = try EncodedFrame(.call(id: stream.id, head), maxBodyBytes: maxBodyBytes)
    lastID = stream.id
    stream.handler = handler
    streams[stream.id] = stream
    if unsentCalls == 0, try append(frame, of: stream) { return stream }
    unsentCalls += 1
    stream.begin(with: frame)
    return stream
  }

  /// Takes a free slot to fill in place, for ``SharedMemoryStream/write(_:count:)``; nil when none of that size is free.
  ///
  /// - Throws: ``SharedMemoryError/tooLarge(bytes:limit:)`` when no slot is that large.
  package func lendSlot(_ count: Int) throws(SharedMemoryError) -> OwnSlot? {
    try pool.lend(count)
  }

  /// Whether a slot is of this connection.
  func owns(_ slot: OwnSlot) -> Bool {
    slot.belongs(to: connection.segment, connection.outgoing)
  }

  // MARK: Receiving

  /// Takes what the peer has published, at most `limit` frames; whether there may be more.
  ///
  /// - Throws: What the peer did wrong: the connection is of no use any more.
  package func process(limit: Int = 512) throws(SharedMemoryError) -> Bool {
    var left = limit
    while left > 0, end == nil, let header = try reader.next() {
      left -= 1
      try receive(try Frame(header, reader.body, limits: limits))
    }
    if reader.release() { connection.peerDoorbell.ring() }
    return left == 0
  }

  private func receive(_ frame: Frame) throws(SharedMemoryError) {
    if case .call(let id, let head) = frame { return try begin(id, head) }
    guard let stream = streams[frame.id] else { return try receiveLate(frame) }
    let isServing = connection.outgoing == .response
    switch frame {
    case .message(_, let payload, let more): try stream.receive(payload, more: more)
    case .credit(_, let bytes): try stream.receiveCredit(bytes)
    case .end where isServing: try stream.receiveEnd()
    case .cancel where isServing: stream.receiveCancel()
    case .head(_, let metadata) where !isServing: stream.handler?.headArrived(metadata)
    case .status(_, let status) where !isServing:
      streams[stream.id] = nil
      stream.receiveStatus(status)
      owner.streamEnded()
    default: throw .malformedFrame("a frame that only the other end may send")
    }
  }

  private func begin(_ id: UInt64, _ head: CallHead) throws(SharedMemoryError) {
    guard id == lastID &+ 1 else { throw .malformedFrame("a call of id \(id) after \(lastID)") }
    guard streams.count < maxConcurrentCalls else {
      throw .malformedFrame("more than \(maxConcurrentCalls) calls at once")
    }
    lastID = id
    let stream = SharedMemoryStream(id: id, peer: self)
    streams[id] = stream
    let handler = owner.callBegan(head, on: stream)
    if !stream.isFinished { stream.handler = handler }
  }

  /// A frame of a call that has ended here: the peer may not know yet.
  private func receiveLate(_ frame: Frame) throws(SharedMemoryError) {
    guard frame.id <= lastID else { throw .malformedFrame("a frame of no call") }
    guard connection.outgoing == .response else {
      throw .malformedFrame("a frame after the end of its call")
    }
    // Its slot goes back at once.
    if case .message(_, .slot(let reference), _) = frame { _ = try receiver.take(reference) }
  }

  // MARK: Sending

  /// The first frame of a call that had waited is in the ring.
  func sentCall() { unsentCalls -= 1 }

  /// Has `stream` send what it has with the next ``flush()``.
  func queue(_ stream: SharedMemoryStream) {
    guard !stream.isQueued, end == nil else { return }
    stream.isQueued = true
    queued.append(stream)
    owner.peerHasOutput()
  }

  /// Something was appended that has to be published.
  func hasOutput() { owner.peerHasOutput() }

  /// Appends the next frame of a message; nil when the ring is full.
  func append(
    _ message: UnsafeRawBufferPointer, from start: Int, of id: UInt64
  ) throws(SharedMemoryError) -> (count: Int, isLast: Bool)? {
    let rest = UnsafeRawBufferPointer(rebasing: message[start...])
    if rest.count > inlineBytes, pool.maxPayloadBytes > inlineBytes {
      guard try writer.canAppend(SlotFrame.bytes) else { return nil }
      let count = min(rest.count, pool.maxPayloadBytes)
      let piece = UnsafeRawBufferPointer(rebasing: rest[..<count])
      if let slot = try pool.allocate(count, { $0.copyMemory(from: piece) }) {
        let isLast = count == rest.count
        return try append(slot, of: id, more: !isLast) ? (count, isLast) : nil
      }
      // No slot is free, and who holds them may wait for this message: it goes inline.
    }
    let count = min(rest.count, inlineBytes)
    let isLast = count == rest.count
    let isTaken = try writer.append(
      kind: FrameKind.message.rawValue, flags: isLast ? 0 : FrameKind.more, id: id,
      UnsafeRawBufferPointer(rebasing: rest[..<count]))
    return isTaken ? (count, isLast) : nil
  }

  /// Appends a message that lies in a slot; false when the ring is full.
  func append(
    _ slot: SlotReference, of id: UInt64, more: Bool
  ) throws(SharedMemoryError) -> Bool {
    try SlotFrame(slot).withBytes { bytes throws(SharedMemoryError) in
      try writer.append(
        kind: FrameKind.message.rawValue,
        flags: FrameKind.inSlot | (more ? FrameKind.more : 0), id: id, bytes)
    }
  }

  /// Appends a frame that is no message; false when the ring is full. The stream of a status has then ended.
  func append(
    _ frame: EncodedFrame, of stream: SharedMemoryStream
  ) throws(SharedMemoryError) -> Bool {
    guard try writer.append(kind: frame.kind, flags: frame.flags, frame.body.span.bytes) else {
      return false
    }
    owner.peerHasOutput()
    if frame.isStatus {
      streams[stream.id] = nil
      owner.streamEnded()
    }
    return true
  }

  /// Publishes what was sent, after what had waited as far as there is room, and rings the peer once if it sleeps.
  ///
  /// - Throws: ``SharedMemoryError/corrupted(_:)``: the connection is of no use any more.
  package func flush() throws(SharedMemoryError) {
    if !queued.isEmpty { try sendQueued() }
    if writer.publish() { connection.peerDoorbell.ring() }
  }

  /// One frame of each stream in turn, until the ring is full or nobody has anything that it may send.
  private func sendQueued() throws(SharedMemoryError) {
    isRingFull = false
    var position = 0
    while position < queued.count {
      let stream = queued[position]
      switch try stream.sendNext() {
      case .sent: queued.append(stream)
      case .nothing: stream.isQueued = false
      case .ringIsFull:
        isRingFull = true
        queued.removeFirst(position)
        return
      }
      position += 1
      // The places in front are given up now and then, so that the array does not grow.
      if position > 64, position > queued.count / 2 {
        queued.removeFirst(position)
        position = 0
      }
    }
    queued.removeAll(keepingCapacity: true)
  }

  /// Appends a grant of credit; false when the ring is full.
  func appendCredit(_ bytes: UInt64, of id: UInt64) throws(SharedMemoryError) -> Bool {
    try withUnsafeBytes(of: bytes.littleEndian) { bytes throws(SharedMemoryError) in
      try writer.append(kind: FrameKind.credit.rawValue, id: id, bytes)
    }
  }

  // MARK: Sleeping

  /// Asks to be rung; true when there is nothing to do, and the caller may sleep. False: process and flush again.
  ///
  /// - Throws: ``SharedMemoryError/corrupted(_:)``: the connection is of no use any more.
  package func park() throws(SharedMemoryError) -> Bool {
    if isRingFull {
      // Half of the ring, so that a large record is not tried again for each small one that goes.
      guard try writer.waitForRoom(writer.maxBodyBytes) else { return false }
    }
    return try reader.park()
  }

  /// Says that this thread is awake.
  package func unpark() { reader.unpark() }

  // MARK: The end

  /// Ends the connection here, and every call on it. The first reason holds.
  package func lose(_ error: SharedMemoryError) {
    guard end == nil else { return }
    end = error
    queued = []
    let lost = streams.values.sorted { $0.id < $1.id }
    streams = [:]
    for stream in lost { stream.lose(error) }
  }
}
