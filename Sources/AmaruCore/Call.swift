// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf
import Synchronization

/// One RPC on the server, between its wire and its handler.
///
/// A wire (gRPC, Connect, shared memory, ...) subclasses this: it supplies the messages and takes the
/// response. Handlers never see it; they have ``CallContext``, ``MessageStream`` and ``MessageWriter``.
///
/// ```
///   wire -- messageArrived, halfClose, cancel --> Call --> runner --> handler
///   wire <-- takeMessage, writeHead, writeMessage, writeStatus ------ handler
/// ```
///
/// Messages are pulled: a wire keeps received bytes until the handler asks for a message, and gives its
/// peer credit for them only then. That is all the back-pressure there is.
///
/// Threads: confined to ``executor``, except for the members that say otherwise.
open class Call: @unchecked Sendable {
  /// What serves the call.
  public final let handler: Handler
  /// When the call ends at the latest; nil for no limit.
  public final let deadline: Deadline?
  /// The loop that the call is confined to.
  public final let executor: any LoopExecutor
  /// The runner that runs the handler now.
  @exclusivity(unchecked) unowned(unsafe) final var runner: CallRunner?
  @exclusivity(unchecked) private final var reader: UnsafeContinuation<Void, Never>?
  @exclusivity(unchecked) private final var writers: [UnsafeContinuation<Void, Never>]?
  // Exclusivity is unchecked only inside this module, so that what others read is read through a getter.
  @exclusivity(unchecked) private final var halfClosed = false
  @exclusivity(unchecked) private final var reason: RPCError?
  @exclusivity(unchecked) private final var room = true
  @exclusivity(unchecked) private final var finished = false
  private final let cancelled = Atomic(false)
  private final let hasResponseMetadata = Atomic(false)
  private final let response = Mutex<ResponseMetadata?>(nil)

  /// A call to `handler`, confined to `executor`.
  public init(handler: Handler, deadline: Deadline?, executor: any LoopExecutor) {
    self.handler = handler
    self.deadline = deadline
    self.executor = executor
  }

  /// Whether the peer will send no further message.
  public final var isHalfClosed: Bool { halfClosed }
  /// Why the call ended before its handler did; nil while it goes on.
  public final var cancellation: RPCError? { reason }
  /// Whether the call ended before its handler did.
  public final var wasCancelled: Bool { reason != nil }
  /// Whether the next message is welcome: false while too much of what was written waits for the peer.
  public final var hasRoom: Bool { room }
  /// Whether the status was written: nothing more will be sent.
  public final var isFinished: Bool { finished }

  // MARK: What a wire supplies

  /// The metadata that the caller sent. Any thread.
  open var metadata: Metadata { Metadata() }
  /// Where the caller is, as gRPC names addresses: `ipv4:127.0.0.1:5000`. Any thread.
  open var peer: String { "" }
  /// Who the caller proved to be by its certificate. Any thread.
  open var peerIdentity: PeerIdentity? { nil }
  /// Whether the message last taken came compressed.
  open var lastMessageWasCompressed: Bool { false }
  /// Copies a message that lies in memory of the wire's, if there is one, into memory of the call's own.
  open func keepMessages() {}
  /// Removes the next message; nil when none is there yet. The bytes hold until the next use of the call.
  /// - Throws: ``RPCError`` for a message over the limit, malformed or not to be decompressed.
  open func takeMessage() throws -> UnsafeRawBufferPointer? { nil }
  /// Sends the response metadata, if that was not done yet.
  open func writeHead() {}
  /// Sends one message: the bytes of `writer`, in front of which the wire may put its own.
  open func writeMessage(_ writer: inout BackWriter) {}
  /// Ends the call with success (nil) or an error; what was written before goes out first.
  open func writeStatus(_ error: RPCError?) {}

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

  /// Ends the call early: the handler's task is cancelled, and whatever it waits for throws `error`.
  ///
  /// The wire itself tells the peer, where there is still a peer to tell.
  public final func cancel(_ error: RPCError) {
    guard reason == nil, !finished else { return }
    reason = error
    finished = true
    cancelled.store(true, ordering: .releasing)
    runner?.cancel()
    messageArrived()
    roomAvailable()
  }

  /// Ends the call for the handler: writes the status, once.
  final func finish(_ error: RPCError?) {
    guard !finished else { return }
    finished = true
    writeStatus(error)
    // A task that the handler left behind may still wait; it finds the call ended.
    messageArrived()
    roomAvailable()
  }

  // MARK: What a handler needs, any thread

  /// Whether the call was ended early.
  final var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  /// What is sent beside the messages; nil when the handler has not asked for anything.
  package final var responseMetadata: ResponseMetadata? {
    guard hasResponseMetadata.load(ordering: .acquiring) else { return nil }
    return response.withLock { $0 }
  }

  /// Changes what is sent beside the messages.
  final func changeResponseMetadata(_ change: (inout ResponseMetadata) -> Void) {
    response.withLock { metadata in
      var changed = metadata ?? ResponseMetadata()
      change(&changed)
      metadata = changed
    }
    hasResponseMetadata.store(true, ordering: .releasing)
  }

  /// Does `body` on the call's loop and comes back to where the caller runs. From other threads.
  ///
  /// A task of its own, which is waited for: after a mere change of the preferred executor a function that runs
  /// where its caller does would stay on the loop.
  final func onLoop<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task(executorPreference: executor) { try await body() }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }

  // MARK: Waiting

  /// Waits until a message may have come, the peer has half-closed, or the call was ended.
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
  private final func park(
    _ store: (Call, UnsafeContinuation<Void, Never>) -> Void,
    release: @escaping @Sendable (Call) -> Void
  ) async {
    if let runner, runner.isCurrentTask {
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
