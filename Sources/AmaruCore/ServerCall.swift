// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf
import Synchronization

/// One RPC on the server, between its wire and its handler.
///
/// ```
///   wire -- messageArrived, halfClose, cancel --> ServerCall --> runner --> handler
///   wire <-- takeMessage, writeHead, writeMessage, writeStatus ------------ handler
/// ```
///
/// Threads: confined to ``Call/executor``, except for the members that say otherwise.
open class ServerCall: Call, @unchecked Sendable {
  /// What serves the call.
  public final let handler: Handler
  /// When the call ends at the latest; nil for no limit.
  public final let deadline: Deadline?
  /// The runner that runs the handler now.
  @exclusivity(unchecked) unowned(unsafe) final var runner: CallRunner?
  private final let hasResponseMetadata = Atomic(false)
  private final let response = Mutex<ResponseMetadata?>(nil)
  private final let attached = Mutex<(any Sendable)?>(nil)
  /// What sees the call end; nil when nobody looks, and after the end.
  // SAFETY: its wire's environment keeps it, and outlives the calls that have not ended.
  @exclusivity(unchecked) private final unowned(unsafe) var observer: (any CallObserver)?
  /// When the call began, in the loop's nanoseconds; 0 unless an observer keeps it.
  @exclusivity(unchecked) package final var beganNanoseconds: UInt64 = 0
  private final let number = Atomic<UInt64>(0)

  /// A call to `handler`, confined to `executor`, whose messages are written in `codec`.
  /// - Parameter sentCodec: how those of the response are written; nil for as those of the request.
  public init(
    handler: Handler, deadline: Deadline?, executor: any LoopExecutor,
    codec: CallCodec = .binary, sentCodec: CallCodec? = nil
  ) {
    self.handler = handler
    self.deadline = deadline
    super.init(executor: executor, codec: codec, sentCodec: sentCodec)
  }

  /// Has `observer`, which outlives the call, see the call from here on. For a wire, once it is ready for its end.
  package final func observe(by observer: (any CallObserver)?) {
    guard let observer else { return }
    self.observer = observer
    observer.callBegan(self)
  }

  // MARK: What a wire supplies

  /// The metadata that the caller sent. Any thread.
  open var metadata: Metadata { Metadata() }
  /// Where the caller is, as gRPC names addresses: `ipv4:127.0.0.1:5000`. Any thread.
  open var peer: String { "" }
  /// Who the caller proved to be by its certificate. Any thread.
  open var peerIdentity: PeerIdentity? { nil }
  /// What the caller's library calls itself (`user-agent`). Any thread.
  open var userAgent: String? { nil }
  /// The code of a request that cannot be decoded: gRPC says that it is `INTERNAL`.
  open var undecodableCode: StatusCode { .internal }
  /// Whether the message last taken came compressed.
  open var lastMessageWasCompressed: Bool { false }
  /// Copies a message that lies in memory of the wire's, if there is one, into memory of the call's own.
  open func keepMessages() {}
  /// Sends the response metadata, if that was not done yet.
  open func writeHead() {}
  /// Ends the call with success (nil) or an error; what was written before goes out first.
  open func writeStatus(_ error: RPCError?) {}

  // MARK: What a server's end is

  final override var incomingName: String { "request" }
  final override var codeOfUndecodable: StatusCode { undecodableCode }
  final override var isTaskOfCall: Bool { runner?.isCurrentTask ?? false }
  final override func wasEndedEarly() {
    runner?.cancel()
    if observer != nil { tellObserver(cancellation) }
  }

  private final func tellObserver(_ error: RPCError?) {
    guard let observer else { return }
    self.observer = nil
    observer.callEnded(self, error)
  }

  /// Ends the call for the handler: writes the status, once.
  final func finish(_ error: RPCError?, logger: Logger) {
    guard !isFinished else { return }
    if error == nil, !hasSentMessage, handler.method.kind.hasSingleResponse {
      // An interceptor that neither went on nor threw: success without a response is none.
      logger.log(
        .error,
        "\(handler.method.fullName): no response; does every interceptor call next or throw?")
      return end(RPCError(.internal, "the method gave no response"))
    }
    end(error)
  }

  @inline(__always)
  private final func end(_ error: RPCError?) {
    markFinished()
    writeStatus(error)
    if observer != nil { tellObserver(error) }
    // A task that the handler left behind may still wait; it finds the call ended.
    wakeAll()
  }

  // MARK: What a handler needs, any thread

  /// What an interceptor has found out about the caller; nil when none has.
  package final var attachment: (any Sendable)? {
    get { attached.withLock { $0 } }
    set { attached.withLock { $0 = newValue } }
  }

  /// The call's name in logs, which no other call of this process has, and hardly one of another.
  public final var id: String {
    var number = number.load(ordering: .relaxed)
    if number == 0 {
      let new = CallID.nextNumber()
      let (isFirst, present) = self.number.compareExchange(
        expected: 0, desired: new, ordering: .relaxed)
      number = isFirst ? new : present
    }
    return CallID.text(number)
  }

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
}
