// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf
import Synchronization

/// One RPC, at either end: messages in, messages out, confined to its loop.
///
/// A wire (gRPC, Connect, shared memory, ...) subclasses ``ServerCall`` and ``ClientCall``: it supplies the
/// messages of the peer and takes those for it. Handlers and callers never see it; they have
/// ``MessageStream`` and ``MessageWriter``.
///
/// Messages are pulled: a wire keeps received bytes until a message is asked for, and gives its peer credit
/// for them only then. That is all the back-pressure there is.
///
/// Threads: confined to ``executor``, except for the members that say otherwise.
open class Call: @unchecked Sendable {
  /// The loop that the call is confined to.
  public final let executor: any LoopExecutor
  /// How the messages of the peer are written.
  public final let codec: CallCodec
  /// How the messages for the peer are written.
  public final let sentCodec: CallCodec
  /// What is added to messages of the peer in JSON; nil for nothing.
  @exclusivity(unchecked) package final var overlay: JSONOverlay?
  @exclusivity(unchecked) private final var reader: UnsafeContinuation<Void, Never>?
  @exclusivity(unchecked) private final var writers: [UnsafeContinuation<Void, Never>]?
  // Exclusivity is unchecked only inside this module, so that what others read is read through a getter.
  @exclusivity(unchecked) private final var halfClosed = false
  @exclusivity(unchecked) private final var reason: RPCError?
  @exclusivity(unchecked) private final var room = true
  @exclusivity(unchecked) private final var finished = false
  @exclusivity(unchecked) private final var traffic = CallTraffic()
  private final let cancelled = Atomic(false)

  init(executor: any LoopExecutor, codec: CallCodec = .binary, sentCodec: CallCodec? = nil) {
    self.executor = executor
    self.codec = codec
    self.sentCodec = sentCodec ?? codec
  }

  /// Whether the peer will send no further message.
  public final var isHalfClosed: Bool { halfClosed }
  /// Why the call ended before its time; nil while it goes on.
  public final var cancellation: RPCError? { reason }
  /// Whether the call ended before its time.
  public final var wasCancelled: Bool { reason != nil }
  /// Whether the next message is welcome: false while too much of what was written waits for the peer.
  public final var hasRoom: Bool { room }
  /// Whether the call has its status: nothing more will be sent.
  public final var isFinished: Bool { finished }

  /// How much has gone over the call.
  package final var trafficSoFar: CallTraffic { traffic }

  /// Whether a message was written.
  final var hasSentMessage: Bool { traffic.sentMessages > 0 }

  /// A message of `count` bytes was taken.
  @usableFromInline
  final func tookMessage(_ count: Int) {
    traffic.receivedMessages &+= 1
    traffic.receivedBytes &+= count
  }

  /// A message of `count` bytes is about to be written.
  @usableFromInline
  final func writesMessage(_ count: Int) {
    traffic.sentMessages &+= 1
    traffic.sentBytes &+= count
  }

  // MARK: What a wire supplies

  /// Removes the next message; nil when none is there yet. The bytes hold until the next use of the call.
  /// - Throws: ``RPCError`` for a message over the limit, malformed or not to be decompressed.
  open func takeMessage() throws -> UnsafeRawBufferPointer? { nil }
  /// Sends one message: the bytes of `writer`, in front of which the wire may put its own.
  open func writeMessage(_ writer: inout BackWriter) {}
  /// Sends one message in JSON; a wire that puts nothing in front of messages can save a copy here.
  open func writeText(_ text: UnsafeRawBufferPointer) {
    BackWriter.withScratch { writer in
      writer.prepend(contentsOf: text.bytes)
      writeMessage(&writer)
    }
  }

  // MARK: What an end supplies

  /// What the messages that come in are: a `request` or a `response`.
  var incomingName: String { "message" }
  /// The code of one that cannot be decoded.
  var codeOfUndecodable: StatusCode { .internal }
  /// Whether the calling task is woken by ``cancel(_:)`` when its own task is cancelled.
  var isTaskOfCall: Bool { false }
  /// The call was ended early.
  func wasEndedEarly() {}
  /// Why nothing more can be written to a call that has its status.
  var refusalToWrite: RPCError {
    RPCError(.internal, "a message was written after the call had ended")
  }

  // MARK: What a wire says

  /// A further message may be taken.
  public final func messageArrived() {
    guard let waiting = reader else { return }
    reader = nil
    waiting.resume()
  }

  /// The peer will send no further message.
  public final func halfClose() {
    halfClosed = true
    messageArrived()
  }

  /// Too much waits for the peer: the next write waits for ``roomAvailable()``.
  public final func roomExhausted() { room = false }

  /// There is room to write again.
  public final func roomAvailable() {
    room = true
    wakeWriters()
  }

  /// Lets every waiting writer look again.
  private final func wakeWriters() {
    guard let waiting = writers else { return }
    writers = nil
    for writer in waiting { writer.resume() }
  }

  /// Ends the call early: the handler's task is cancelled, and whatever waits for the call throws `error`.
  ///
  /// The wire itself tells the peer, where there is still a peer to tell.
  public final func cancel(_ error: RPCError) {
    guard reason == nil, !finished else { return }
    reason = error
    finished = true
    cancelled.store(true, ordering: .releasing)
    wasEndedEarly()
    wakeAll()
  }

  /// The call has its status.
  final func markFinished() { finished = true }

  /// Lets everybody who waits find the call as it is now.
  final func wakeAll() {
    messageArrived()
    roomAvailable()
  }

  /// Whether the call was ended early. Any thread.
  final var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  // MARK: Waiting

  /// Waits until a message may have come, the peer has half-closed, or the call was ended.
  @usableFromInline
  final func waitForMessage() async throws {
    guard reader == nil else {
      throw RPCError(.internal, "two tasks read the same message stream at once")
    }
    await park(
      { $0.reader = $1 },
      release: { $0.messageArrived() })
  }

  /// Waits until there is room to write or the call was ended.
  final func waitForRoom() async {
    await park(
      { $0.writers = ($0.writers ?? []) + [$1] },
      release: { $0.wakeWriters() })
  }

  /// Suspends the task until its continuation, which `store` puts away, is resumed.
  ///
  /// The runner's own task is woken by ``cancel(_:)``. A child task of the handler may be cancelled on its
  /// own, so it gets a cancellation handler.
  final func park(
    _ store: (Call, UnsafeContinuation<Void, Never>) -> Void,
    release: @escaping @Sendable (Call) -> Void
  ) async {
    if isTaskOfCall {
      await withUnsafeContinuation { store(self, $0) }
      return
    }
    await withTaskCancellationHandler {
      if !Task.isCancelled { await withUnsafeContinuation { store(self, $0) } }
    } onCancel: {
      Task(executorPreference: executor) { release(self) }
    }
  }
}
