// SPDX-License-Identifier: Apache-2.0

/// What a caller asks of one call.
public struct CallOptions: Sendable {
  /// The time that the call has; nil for no limit of its own.
  public var timeout: Duration?
  /// When the call ends at the latest; the earlier one counts when ``timeout`` is there too.
  public var deadline: Deadline?
  /// Metadata to send before the first message.
  public var metadata = Metadata()
  /// Whether the call waits while no server can be reached, and does not fail with `UNAVAILABLE` at once. The
  /// deadline holds all the same. nil: as the channel's service config says, else false.
  public var waitsForReady: Bool?
  /// How request messages are compressed.
  public var compression = ContentCoding.identity
  /// Bytes of one received message after decompression; more is `RESOURCE_EXHAUSTED`. nil: the channel's limit.
  public var maxResponseBytes: Int?
  /// Bytes of one message that is sent; more is `RESOURCE_EXHAUSTED`, and it is not sent. nil: no limit.
  public var maxRequestBytes: Int?
  /// What proves who calls, beside the channel's own.
  public var credentials: (any CallCredentials)?
  /// Filled with what comes beside the messages, when the call has ended.
  public var response: ResponseInfo?

  /// How often the call was made before, which the server is told.
  public package(set) var previousAttempts = 0
  /// The servers of those attempts, as gRPC names addresses: others are preferred.
  package var triedPeers: [String] = []

  /// When the call began, in the nanoseconds of the channel's loop; 0 unless the channel measures it.
  package var beganNanoseconds: UInt64 = 0

  /// No limits, no metadata.
  public init() {}

  /// The options with a timeout.
  public static func timeout(_ timeout: Duration) -> CallOptions {
    var options = CallOptions()
    options.timeout = timeout
    return options
  }

  /// The options with metadata.
  public static func metadata(_ metadata: Metadata) -> CallOptions {
    var options = CallOptions()
    options.metadata = metadata
    return options
  }

  /// The options with the one deadline that counts: the earliest of the timeout, the deadline and what is
  /// left to the handler in whose task the call is made.
  @usableFromInline
  package func resolved() -> CallOptions {
    var options = self
    options.deadline = deadline.smaller(CallRunner.deadlineOfCurrentTask)
      .smaller(timeout.map { .after($0) })
    options.timeout = nil
    return options
  }
}
