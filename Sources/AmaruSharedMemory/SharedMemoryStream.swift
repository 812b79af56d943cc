// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// One call over shared memory, at either end: messages in, messages out. A state machine without I/O.
///
/// Messages are pulled: what has come waits here until ``takeMessage()``, and gives the peer credit only then.
/// What finds no room in the ring, or no credit, waits in ``outbox`` and goes out with the peer's ``SharedMemoryPeer/flush()``.
///
/// Threads: confined to its peer's.
package final class SharedMemoryStream {
  /// The call's id on this connection.
  package let id: UInt64
  /// What hears of the call; nil after its end, when all that still comes is dropped.
  package var handler: (any SharedMemoryStreamHandler)?
  // SAFETY: a peer gives its streams up (``lose(_:)``) before it goes.
  unowned(unsafe) let peer: SharedMemoryPeer

  // What comes in.
  private var first: ReceivedMessage?
  private var later = MessageQueue()
  private var assembler: MessageAssembler
  private var failure: SharedMemoryError?
  private var incoming = IncomingCredit()
  /// Whether the peer has no further message.
  package private(set) var isHalfClosed = false

  // What goes out.
  var credit = SharedMemoryPeer.initialCredit
  var outbox = Outbox()
  /// It stands in the peer's queue of streams that have something to send.
  var isQueued = false
  /// The frame that begins the call is the first in the outbox, and has to go out whatever becomes of the call.
  var isBeginning = false
  private var lacksRoom = false
  /// This end has said all that it will.
  private(set) var isFinished = false

  init(id: UInt64, peer: SharedMemoryPeer) {
    self.id = id
    self.peer = peer
    assembler = MessageAssembler(maxBytes: peer.maxMessageBytes)
  }

  // MARK: Receiving

  /// Removes the next message; nil when none is there.
  ///
  /// - Throws: ``SharedMemoryError/tooLarge(bytes:limit:)`` when the next one is over the limit, then and ever after.
  package func takeMessage() throws(SharedMemoryError) -> ReceivedMessage? {
    guard let message = first else {
      if let failure { throw failure }
      return nil
    }
    first = later.popFirst()
    incoming.took(message.count, isLast: first == nil)
    grant()
    return message
  }

  /// Whether a message, or the error of one, can be taken.
  package var hasMessage: Bool { first != nil || failure != nil }

  /// How many messages wait to be taken; the error of one counts, too.
  package var messageCount: Int {
    (first == nil ? 0 : 1) + later.count + (failure == nil ? 0 : 1)
  }

  /// A message frame of the peer's; the slot it refers to is lent from here on, and freed when nobody wants it.
  func receive(_ payload: Payload, more: Bool) throws(SharedMemoryError) {
    let message: ReceivedMessage
    switch payload {
    case .inline(let bytes): message = .bytes(bytes)
    case .slot(let reference): message = .slot(try peer.receiver.take(reference))
    }
    guard !isHalfClosed else { throw .malformedFrame("a message after the end") }
    try incoming.arrived(message.count)
    guard handler != nil, failure == nil else {
      // Nobody wants it: the peer may go on, and will be told of the end.
      incoming.dropped()
      return grant()
    }
    do throws(SharedMemoryError) {
      if more || assembler.pendingBytes > 0 {
        guard let whole = try assembler.add(message, more: more) else {
          if first == nil { incoming.dropped() }
          return grant()
        }
        add(.bytes(whole))
      } else {
        guard message.count <= peer.maxMessageBytes else {
          throw .tooLarge(bytes: message.count, limit: peer.maxMessageBytes)
        }
        add(message)
      }
    } catch .tooLarge(let bytes, let limit) {
      failure = .tooLarge(bytes: bytes, limit: limit)
      incoming.dropped()
      grant()
    }
    handler?.streamHasMessage()
  }

  private func add(_ message: ReceivedMessage) {
    if first == nil { first = message } else { later.append(message) }
  }

  /// The peer has no further message.
  func receiveEnd() throws(SharedMemoryError) {
    guard !isHalfClosed, assembler.pendingBytes == 0 else {
      throw .malformedFrame("an end in the middle of a message, or a second one")
    }
    isHalfClosed = true
    handler?.halfClosed()
  }

  /// The peer takes more.
  func receiveCredit(_ bytes: UInt64) throws(SharedMemoryError) {
    guard bytes <= UInt64(SharedMemoryPeer.initialCredit - credit) else {
      throw .malformedFrame("a credit of more than was used")
    }
    credit += Int(bytes)
    // A writer may wait for credit alone.
    if outbox.isEmpty { outboxIsEmpty() } else { sendLater() }
  }

  private func grant() {
    guard incoming.isDue, !isHalfClosed else { return }
    sendLater()
  }

  /// Takes what is to be granted now.
  func takeGrant() -> UInt64 { isHalfClosed || isFinished && isServing ? 0 : incoming.takeDue() }
  /// The grant found no room after all.
  func giveBackGrant(_ bytes: UInt64) { incoming.giveBack(bytes) }

  // MARK: Sending

  /// Whether the next message is welcome: false while one waits here for the ring or for credit.
  package var hasRoom: Bool { !lacksRoom }

  /// Sends a message, or keeps a copy of it until there is room.
  ///
  /// - Throws: ``SharedMemoryError/tooLarge(bytes:limit:)`` when the peer takes none of that size; ``SharedMemoryError/corrupted(_:)``.
  package func write(_ message: UnsafeRawBufferPointer) throws(SharedMemoryError) {
    guard !isFinished else { return }
    try checkLength(message.count)
    var sent = 0
    while outbox.isEmpty, credit > 0 {
      guard let frame = try peer.append(message, from: sent, of: id) else { break }
      credit -= SharedMemoryPeer.cost(of: frame.count)
      sent += frame.count
      if frame.isLast { return peer.hasOutput() }
    }
    outbox.append(.message([UInt8](message), sent: sent))
    waitForRoom()
  }

  /// Sends the first `count` bytes of a slot that ``SharedMemoryPeer/lendSlot(_:)`` gave, without a copy.
  ///
  /// - Throws: As ``write(_:)``; ``SharedMemoryError/invalidLayout(_:)`` when the slot is of another connection, was sent before or is
  ///   smaller.
  package func write(_ slot: OwnSlot, count: Int) throws(SharedMemoryError) {
    guard !isFinished else { return }
    try checkLength(count)
    guard peer.owns(slot), slot.claim(count) else {
      throw .invalidLayout("the slot is of another connection, was sent before or is too small")
    }
    outbox.append(.slot(slot, count: count))
    if credit <= 0 { lacksRoom = true }
    sendLater()
  }

  private func checkLength(_ count: Int) throws(SharedMemoryError) {
    let limit = peer.connection.peerLimits.maxMessageBytes
    guard UInt64(count) <= limit else { throw .tooLarge(bytes: count, limit: Int(clamping: limit)) }
  }

  /// Sends the frame that begins the call.
  func begin(with frame: EncodedFrame) {
    isBeginning = true
    outbox.append(.frame(frame))
    sendLater()
  }

  /// Sends what comes before the first message. At the end that serves, once.
  ///
  /// - Throws: ``SharedMemoryError/tooLarge(bytes:limit:)`` when the peer's ring has no room for it ever.
  package func writeHead(_ metadata: Metadata) throws(SharedMemoryError) {
    try add(.head(id: id, metadata))
  }

  /// Says that there are no more messages. At the end that calls.
  package func halfClose() throws(SharedMemoryError) { try add(.end(id: id)) }

  /// Ends the call, after what was written before. At the end that serves; the handler hears nothing more.
  ///
  /// A status whose texts do not fit into the ring goes without them.
  ///
  /// - Parameter dropping: Do not send what waits for the peer.
  package func finish(_ status: CallStatus, dropping: Bool = false) {
    guard !isFinished else { return }
    if dropping { outbox.removeAll() }
    do throws(SharedMemoryError) {
      try add(.status(id: id, status))
    } catch {
      let bare = CallStatus(
        code: status.code == .ok ? .resourceExhausted : status.code,
        message: "the status is too large for shared memory: \(error)")
      try? add(.status(id: id, bare))
    }
    isFinished = true
    detach()
  }

  /// Gives the call up, and what was not sent yet. At the end that calls; the handler hears nothing more.
  package func cancel() {
    guard !isFinished else { return }
    outbox.removeAll(keepingFirst: isBeginning)
    try? add(.cancel(id: id))
    isFinished = true
    detach()
  }

  private func add(_ frame: Frame) throws(SharedMemoryError) {
    guard !isFinished else { return }
    let encoded = try EncodedFrame(frame, maxBodyBytes: peer.maxBodyBytes)
    if outbox.isEmpty, try peer.append(encoded, of: self) { return }
    outbox.append(.frame(encoded))
    sendLater()
  }

  /// Has the peer send what waits here.
  private func sendLater() { peer.queue(self) }

  private func waitForRoom() {
    lacksRoom = true
    sendLater()
  }

  /// What waited was sent.
  func outboxIsEmpty() {
    guard lacksRoom, credit > 0 else { return }
    lacksRoom = false
    handler?.roomAvailable()
  }

  /// Nobody wants to hear of the call, or to take its messages.
  private func detach() {
    handler = nil
    first = nil
    later.removeAll()
    assembler = MessageAssembler(maxBytes: peer.maxMessageBytes)
    incoming.dropped()
    grant()
  }

  /// Whether this end serves the call.
  var isServing: Bool { peer.connection.outgoing == .response }

  // MARK: The end

  /// The peer gave the call up: answers with its status, as every call has one.
  func receiveCancel() {
    guard !isFinished else { return }
    let handler = handler
    finish(CallStatus(code: .cancelled, message: "the caller cancelled"), dropping: true)
    handler?.cancelled()
  }

  /// The call's end came.
  func receiveStatus(_ status: CallStatus) {
    isFinished = true
    isHalfClosed = true
    outbox.removeAll()
    let handler = handler
    self.handler = nil
    handler?.statusArrived(status)
  }

  /// The connection has ended.
  func lose(_ error: SharedMemoryError) {
    isFinished = true
    isHalfClosed = true
    outbox.removeAll()
    let handler = handler
    self.handler = nil
    handler?.lost(error)
  }
}
