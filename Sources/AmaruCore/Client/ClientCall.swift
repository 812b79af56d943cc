// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// One RPC on the client, between the caller and its wire.
///
/// ```
///   caller -- writeMessage, writeEnd, takeMessage, abandon --> ClientCall --> wire
///   caller <-- headArrived, messageArrived, end, cancel ------------------- wire
/// ```
///
/// Threads: confined to ``Call/executor``, except for the members that say otherwise.
open class ClientCall: Call, @unchecked Sendable {
  /// The method that is called.
  public final let method: MethodDescriptor
  /// When the call ends at the latest; nil for no limit.
  public final let deadline: Deadline?
  // Exclusivity is unchecked only inside this module, so that what others read is read through a getter.
  @exclusivity(unchecked) private final var head: Metadata?
  @exclusivity(unchecked) private final var trailing = Metadata()
  @exclusivity(unchecked) private final var status: RPCError?
  @exclusivity(unchecked) private final var unprocessed = false
  @exclusivity(unchecked) private final var headWaiters: [UnsafeContinuation<Void, Never>] = []
  @exclusivity(unchecked) private final var endActions: [(ClientCall) -> Void]?

  /// A call of `method`, confined to `executor`.
  public init(method: MethodDescriptor, deadline: Deadline?, executor: any LoopExecutor) {
    self.method = method
    self.deadline = deadline
    super.init(executor: executor)
  }

  /// The metadata that the server sent before its messages; nil until it has come.
  public final var initialMetadata: Metadata? { head }
  /// The metadata that the server sent with the status.
  public final var trailers: Metadata { trailing }
  /// Why the call failed; nil while it goes on and after success.
  public final var failure: RPCError? { cancellation ?? status }
  /// When the call, of which this is an attempt, began; 0 unless its channel measures it.
  @exclusivity(unchecked) package final var beganNanoseconds: UInt64 = 0
  /// Whether messages are compressed from here on, with the coding that the call was started with.
  @exclusivity(unchecked) public final var compressesMessages = true
  /// Whether it is sure that no handler has seen the call, so that it may be made again (transparent retry).
  public final var wasUnprocessed: Bool { unprocessed }

  // MARK: What a wire supplies

  /// The server that the call went to, as gRPC names addresses. Any thread.
  open var peer: String { "" }
  /// Whether the message last taken came compressed.
  open var lastMessageWasCompressed: Bool { false }
  /// No further message follows.
  open func writeEnd() {}
  /// Tells the server that nobody waits for the call any more.
  open func writeCancellation() {}

  // MARK: What a wire says

  /// The server has begun to answer.
  public final func headArrived(_ metadata: Metadata) {
    guard head == nil else { return }
    head = metadata
    wakeHeadWaiters()
  }

  /// The call has ended with success (nil) or an error. Messages that have come before can still be taken.
  public final func end(_ error: RPCError?, trailers: Metadata, isUnprocessed: Bool = false) {
    guard !isFinished else { return }
    status = error
    trailing = trailers
    unprocessed = isUnprocessed
    markFinished()
    halfClose()
    wakeAll()
    wakeHeadWaiters()
    tellEnd()
  }

  /// Does `action` once, on the loop, when the call has its status or was given up; at once when it has already.
  /// Loop only.
  public final func whenEnded(_ action: @escaping (ClientCall) -> Void) {
    if isFinished { return action(self) }
    endActions = (endActions ?? []) + [action]
  }

  private final func tellEnd() {
    guard let actions = endActions else { return }
    endActions = nil
    for action in actions { action(self) }
  }

  // MARK: What a client's end is

  final override var incomingName: String { "response" }
  final override var refusalToWrite: RPCError {
    status ?? RPCError(.internal, "a message was written after the call had ended")
  }
  final override func wasEndedEarly() {
    wakeHeadWaiters()
    tellEnd()
  }

  private final func wakeHeadWaiters() {
    let waiting = headWaiters
    headWaiters = []
    for waiter in waiting { waiter.resume() }
  }

  // MARK: What a caller does

  /// Gives the call up: the server is told, and whatever waits for the call ends with `CANCELLED`.
  public final func abandon() {
    guard !isFinished else { return }
    cancel(RPCError(.cancelled, "the caller gave up the call"))
    writeCancellation()
  }

  /// The metadata that the server sends first, waiting for it; empty when the call ended without.
  package final func waitForHead() async throws -> Metadata {
    while head == nil, !isFinished {
      await park(
        { _, waiter in self.headWaiters.append(waiter) }, release: { _ in self.wakeHeadWaiters() })
      if !wasCancelled { try Task.checkCancellation() }
    }
    if let cancellation { throw cancellation }
    return head ?? Metadata()
  }

  /// The one message of a response, and success behind it. Loop only.
  @inlinable
  final func singleResponse<M: Message>(_ type: M.Type) async throws -> M {
    while true {
      if wasCancelled, let cancellation { throw cancellation }
      if let message = try takeDecoded(type) {
        // Most often the end has come with it.
        if !isFinished, try await nextMessage(type) != nil { throw tooManyResponses }
        if let failure { throw failure }
        return message
      }
      if isHalfClosed || isFinished { throw failure ?? missingResponse }
      try await waitForMessage()
      if !wasCancelled { try Task.checkCancellation() }
    }
  }

  @usableFromInline
  final var tooManyResponses: RPCError {
    RPCError(.internal, "\(method.fullName) answers with one message, and more came")
  }

  @usableFromInline
  final var missingResponse: RPCError {
    RPCError(.internal, "\(method.fullName) ended with success and without its message")
  }

  /// What the caller is told instead of `error`, which came up while it used the call: the call is given up
  /// when it still goes on. Loop only.
  @usableFromInline
  final func failure(after error: any Error) -> any Error {
    defer { abandon() }
    if error is CancellationError {
      return failure ?? RPCError(.cancelled, "the calling task was cancelled")
    }
    return error
  }
}
