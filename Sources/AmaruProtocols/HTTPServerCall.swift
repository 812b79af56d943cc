// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// What the calls of every wire over HTTP share: their stream, their deadline and their end. Confined to its loop.
package class HTTPServerCall: ServerCall, HTTPRequestHandler, DeadlineTarget, @unchecked Sendable {
  final let head: HTTPHead
  // SAFETY: the loop's, which outlives its streams; used only while `stream` is there.
  final unowned(unsafe) let environment: CallEnvironment
  private final let connection: any CallConnection
  final let sendBufferBytes: Int
  // SAFETY: its connection keeps it until it has called `closed`.
  @exclusivity(unchecked) private(set) final unowned(unsafe) var stream: (any HTTPServerStream)?
  /// A whole message that lies in the memory into which the connection reads.
  @exclusivity(unchecked) private final var borrowed: UnsafeRawBufferPointer?
  @exclusivity(unchecked) private final var isDispatched = false
  @exclusivity(unchecked) final var isHeadWritten = false
  @exclusivity(unchecked) private final var timer: AnyObject?

  init(
    _ head: HTTPHead, timeoutNanoseconds: UInt64?, codec: CallCodec,
    sentCodec: CallCodec? = nil, handler: Handler, stream: any HTTPServerStream,
    environment: CallEnvironment, connection: any CallConnection
  ) {
    self.head = head
    self.stream = stream
    self.environment = environment
    self.connection = connection
    sendBufferBytes = environment.limits.sendBufferBytes
    let deadline = timeoutNanoseconds.map { timeout in
      let (sum, overflow) = environment.deadlines.now.addingReportingOverflow(timeout)
      return Deadline(nanoseconds: overflow ? .max : sum)
    }
    super.init(
      handler: handler, deadline: deadline, executor: environment.executor, codec: codec,
      sentCodec: sentCodec)
    if let deadline {
      timer = environment.deadlines.schedule(self, at: deadline.nanoseconds)
    }
  }

  /// Lets the call begin. For a wire, once it is ready for its end.
  final func begin() {
    if environment.observer != nil { observe(by: environment.observer) }
    if !handler.method.kind.hasSingleRequest { dispatch() }
  }

  /// Tells who looks that a call is refused.
  static func refused(
    _ head: HTTPHead, _ error: RPCError, environment: CallEnvironment,
    connection: any CallConnection
  ) {
    environment.observer?.callRefused(
      CallRefusal(
        path: head.path, peer: connection.peer, userAgent: head.fields.value("user-agent"),
        error: error))
  }

  // MARK: What a wire supplies

  package func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {}

  /// Keeps a message that ``lend(_:)`` got.
  func keep(whole message: UnsafeRawBufferPointer) {}

  /// Lets go of what was received.
  func dropMessages() {}

  // MARK: From the connection

  package final func overflow() {
    fail(.overflow(of: "requests", environment.limits))
  }

  package final func closed(_ reason: HTTPStreamClosure?) {
    stream = nil
    cancelTimer()
    _ = takeBorrowed()
    dropMessages()
    guard !isFinished else { return }
    switch reason {
    case nil: cancel(RPCError(.cancelled, "the stream was closed"))
    case .reset: cancel(RPCError(.cancelled, "the caller cancelled the call"))
    case .connectionLost, .neverSent, .headTooLong:
      cancel(RPCError(.cancelled, "the connection was lost"))
    }
  }

  package final func deadlinePassed() {
    timer = nil
    fail(RPCError(.deadlineExceeded, "the deadline has passed"))
  }

  // MARK: For the wire

  /// Ends the call from the wire's side: the peer gets the status, the handler is cancelled.
  final func fail(_ error: RPCError) {
    guard !isFinished else { return }
    cancel(error)
    writeStatus(error)
  }

  /// The error with the code that this wire has for what cannot be read.
  final func undecodable(_ error: RPCError) -> RPCError {
    guard error.code == .internal else { return error }
    var error = error
    error.code = undecodableCode
    return error
  }

  final func dispatch() {
    guard !isDispatched else { return }
    isDispatched = true
    environment.dispatcher.dispatch(self)
  }

  final func cancelTimer() {
    guard let timer else { return }
    self.timer = nil
    environment.deadlines.cancel(timer)
  }

  /// Has a whole message wait for the handler where the connection has read it.
  final func lend(_ message: UnsafeRawBufferPointer) {
    borrowed = message
    environment.dispatcher.borrowed()
  }

  /// Removes the message that was lent.
  final func takeBorrowed() -> UnsafeRawBufferPointer? {
    guard let message = borrowed else { return nil }
    borrowed = nil
    environment.dispatcher.returned()
    return message
  }

  /// The coding of the response for a caller that reads `accepted`.
  final func chosenCoding(_ accepted: String?) -> ContentCoding {
    // A handler that has said anything of compression may change its mind with each message.
    let wanted = responseMetadata?.compresses == nil ? environment.responseCoding : .gzip
    guard wanted != .identity, let accepted, wanted.isAccepted(by: accepted) else {
      return .identity
    }
    return wanted
  }

  // MARK: What the wires of HTTP have alike

  package final override func keepMessages() {
    if let message = takeBorrowed() { keep(whole: message) }
  }

  package override var metadata: Metadata { GRPCFields.metadata(head.fields) }
  package final override var peer: String { connection.peer }
  package final override var userAgent: String? { head.fields.value("user-agent") }
  package final override var peerIdentity: PeerIdentity? { connection.peerIdentity }
}
