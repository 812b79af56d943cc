// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf
import AmaruProtocols
import AmaruSharedMemory

/// One call over shared memory at the end that makes it. Confined to its loop.
final class SharedMemoryClientCall: ClientCall, SharedMemoryStreamHandler, DeadlineTarget,
  @unchecked Sendable
{
  private let environment: ClientEnvironment
  private let peerName: String
  private let maxRequestBytes: Int?
  private let maxResponseBytes: Int?
  /// After the call's end only what has come before can be taken from it.
  @exclusivity(unchecked) private var stream: SharedMemoryStream?
  @exclusivity(unchecked) private var taken: [UInt8] = []
  @exclusivity(unchecked) private var isEndWritten = false
  @exclusivity(unchecked) private var timer: AnyObject?

  private init(
    _ method: MethodDescriptor, _ options: CallOptions, peerName: String,
    environment: ClientEnvironment
  ) {
    self.environment = environment
    self.peerName = peerName
    maxRequestBytes = options.maxRequestBytes
    maxResponseBytes = options.maxResponseBytes
    super.init(method: method, deadline: options.deadline, executor: environment.executor)
  }

  /// Starts a call; nil when the connection takes no more.
  ///
  /// - Throws: `DEADLINE_EXCEEDED` when no time is left, `RESOURCE_EXHAUSTED` when the metadata does not fit into the
  ///   ring.
  static func start(
    _ method: MethodDescriptor, _ options: CallOptions, on peer: SharedMemoryPeer,
    peerName: String, environment: ClientEnvironment
  ) throws(RPCError) -> SharedMemoryClientCall? {
    guard peer.canOpen else { return nil }
    if let deadline = options.deadline, deadline.nanoseconds <= environment.deadlines.now {
      throw RPCError(.deadlineExceeded, "the deadline has passed before the call was sent")
    }
    let call = SharedMemoryClientCall(
      method, options, peerName: peerName, environment: environment)
    let head = CallHead(
      method: method.fullName, deadline: options.deadline, metadata: options.metadata)
    do throws(SharedMemoryError) {
      call.stream = try peer.open(head, handler: call)
    } catch .tooLarge(let bytes, let limit) {
      throw RPCError(
        .resourceExhausted,
        "the call's metadata has \(bytes) bytes, more than the \(limit) that can be sent")
    } catch {
      return nil
    }
    if let deadline = options.deadline {
      call.timer = environment.deadlines.schedule(call, at: deadline.nanoseconds)
    }
    return call
  }

  override var peer: String { peerName }

  // MARK: From the peer

  func streamHasMessage() {
    if initialMetadata == nil { headArrived(Metadata()) }
    messageArrived()
  }

  func statusArrived(_ status: CallStatus) {
    cancelTimer()
    if status.code == .ok, initialMetadata == nil { headArrived(Metadata()) }
    end(status.error, trailers: status.trailers)
  }

  func lost(_ error: SharedMemoryError) {
    cancelTimer()
    end(
      RPCError(.unavailable, "the connection to \(peerName) was lost: \(error)"),
      trailers: Metadata())
  }

  func halfClosed() {}
  func cancelled() {}

  func deadlinePassed() {
    timer = nil
    fail(RPCError(.deadlineExceeded, "the deadline has passed"))
  }

  /// Ends the call from this side.
  private func fail(_ error: RPCError) {
    guard !isFinished else { return }
    cancel(error)
    writeCancellation()
  }

  private func cancelTimer() {
    guard let timer else { return }
    self.timer = nil
    environment.deadlines.cancel(timer)
  }

  // MARK: From the caller

  override func takeMessage() throws -> UnsafeRawBufferPointer? {
    guard let stream else { return nil }
    do throws(SharedMemoryError) {
      guard let message = try stream.takeMessage() else { return nil }
      if let limit = maxResponseBytes, message.count > limit {
        throw .tooLarge(bytes: message.count, limit: limit)
      }
      // A payload in a slot may change while it is read: who parses it has a copy.
      taken = message.copied()
      // SAFETY: the array is kept, and not changed, until the next use of the call.
      return taken.withUnsafeBytes { $0 }
    } catch {
      throw RPCError(error)
    }
  }

  override func writeMessage(_ writer: inout BackWriter) {
    guard let stream, !isEndWritten, !isFinished else { return }
    let limit = maxRequestBytes ?? .max
    do throws(SharedMemoryError) {
      guard writer.count <= limit else { throw .tooLarge(bytes: writer.count, limit: limit) }
      let result = writer.withWritten { bytes in
        Result { () throws(SharedMemoryError) in try stream.write(bytes) }
      }
      try result.get()
    } catch {
      return fail(RPCError(error))
    }
    if !stream.hasRoom { roomExhausted() }
  }

  override func writeEnd() {
    guard !isEndWritten, !isFinished else { return }
    isEndWritten = true
    try? stream?.halfClose()
  }

  override func writeCancellation() {
    cancelTimer()
    stream?.cancel()
    stream = nil
  }
}
