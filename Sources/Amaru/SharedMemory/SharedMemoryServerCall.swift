// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf
import AmaruProtocols
import AmaruSharedMemory

/// One call over shared memory at the end that serves it: the waist on one side, the peer's frames on the other.
/// Confined to its loop.
final class SharedMemoryServerCall: ServerCall, SharedMemoryStreamHandler, DeadlineTarget,
  @unchecked Sendable
{
  private let head: CallHead
  private let peerName: String
  // SAFETY: the loop's, which outlives its calls; used only while `stream` is there.
  private unowned(unsafe) let environment: CallEnvironment
  /// nil when the status is sent, and after the connection's end.
  @exclusivity(unchecked) private var stream: SharedMemoryStream?
  @exclusivity(unchecked) private var taken: [UInt8] = []
  @exclusivity(unchecked) private var isHeadWritten = false
  @exclusivity(unchecked) private var timer: AnyObject?

  /// Begins a call to `handler`, and dispatches it when it takes a stream.
  init(
    _ head: CallHead, handler: Handler, on stream: SharedMemoryStream, peerName: String,
    environment: CallEnvironment
  ) {
    self.head = head
    self.stream = stream
    self.peerName = peerName
    self.environment = environment
    super.init(handler: handler, deadline: head.deadline, executor: environment.executor)
    if let deadline {
      timer = environment.deadlines.schedule(self, at: deadline.nanoseconds)
    }
    if environment.observer != nil { observe(by: environment.observer) }
    if !handler.method.kind.hasSingleRequest { environment.dispatcher.dispatch(self) }
  }

  override var metadata: Metadata { head.metadata }
  override var peer: String { peerName }

  // MARK: From the peer

  func streamHasMessage() { messageArrived() }

  func halfClosed() {
    halfClose()
    guard handler.method.kind.hasSingleRequest else { return }
    let count = stream?.messageCount ?? 0
    guard count == 1 else {
      return fail(
        RPCError(
          undecodableCode, "\(handler.method.fullName) takes one message, and \(count) came"))
    }
    environment.dispatcher.dispatch(self)
  }

  func cancelled() {
    // The stream has answered by itself.
    stream = nil
    cancelTimer()
    cancel(RPCError(.cancelled, "the caller cancelled the call"))
  }

  func lost(_ error: SharedMemoryError) {
    stream = nil
    cancelTimer()
    cancel(RPCError(.cancelled, "the connection was lost: \(error)"))
  }

  func headArrived(_ metadata: Metadata) {}
  func statusArrived(_ status: CallStatus) {}

  func deadlinePassed() {
    timer = nil
    fail(RPCError(.deadlineExceeded, "the deadline has passed"))
  }

  /// Ends the call from the wire's side: the peer gets the status, the handler is cancelled.
  private func fail(_ error: RPCError) {
    guard !isFinished else { return }
    cancel(error)
    writeStatus(error)
  }

  private func cancelTimer() {
    guard let timer else { return }
    self.timer = nil
    environment.deadlines.cancel(timer)
  }

  // MARK: From the handler

  override func takeMessage() throws -> UnsafeRawBufferPointer? {
    guard let stream else { return nil }
    do throws(SharedMemoryError) {
      guard let message = try stream.takeMessage() else { return nil }
      // A payload in a slot may change while it is read: who parses it has a copy.
      taken = message.copied()
      // SAFETY: the array is kept, and not changed, until the next use of the call.
      return taken.withUnsafeBytes { $0 }
    } catch {
      throw RPCError(error)
    }
  }

  override func writeHead() {
    guard let stream, !isHeadWritten else { return }
    isHeadWritten = true
    let initial = responseMetadata?.initial ?? Metadata()
    write { () throws(SharedMemoryError) in try stream.writeHead(initial) }
  }

  /// Sends the head when it has metadata: the first message, or the status, says the rest.
  private func writeHeadIfNeeded() {
    guard !isHeadWritten, let initial = responseMetadata?.initial, !initial.isEmpty else { return }
    writeHead()
  }

  override func writeMessage(_ writer: inout BackWriter) {
    writeHeadIfNeeded()
    guard let stream else { return }
    writer.withWritten { bytes in
      write { () throws(SharedMemoryError) in try stream.write(bytes) }
    }
    if !stream.hasRoom { roomExhausted() }
  }

  private func write(_ body: () throws(SharedMemoryError) -> Void) {
    do throws(SharedMemoryError) {
      try body()
    } catch {
      fail(RPCError(error))
    }
  }

  override func writeStatus(_ error: RPCError?) {
    cancelTimer()
    if !wasCancelled { writeHeadIfNeeded() }
    guard let stream else { return }
    self.stream = nil
    var trailers = responseMetadata?.trailing ?? Metadata()
    if let error { trailers.append(error.metadata) }
    stream.finish(CallStatus(error, trailers: trailers), dropping: wasCancelled)
  }
}
