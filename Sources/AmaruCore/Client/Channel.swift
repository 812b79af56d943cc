// SPDX-License-Identifier: Apache-2.0

/// A way to a service: where its calls go. Generated clients have one.
///
/// ``startCall(_:_:)`` is all that a new kind of channel writes; the typed calls are made of it.
public protocol Channel: Sendable {
  /// The loop that the channel's calls are confined to.
  var executor: any LoopExecutor { get }

  /// Starts a call: finds a connection, waits for it as the options say, and sends the head.
  ///
  /// Called on ``executor``'s loop, with ``CallOptions/deadline`` the only limit of time.
  /// - Throws: ``RPCError``: `UNAVAILABLE` when no server can be reached, `DEADLINE_EXCEEDED`, ...
  func startCall(_ method: MethodDescriptor, _ options: CallOptions) async throws -> ClientCall

  /// How long to wait before the attempt after `attempt` (from 1) of `call`, which has failed with `error`; nil when
  /// it is not made again. Called on the loop.
  func retryDelay(_ call: ClientCall, attempt: Int, error: RPCError) -> Duration?

  /// A call has succeeded: the retry throttle hears of it. Called on the loop.
  func callSucceeded()
}

extension Channel {
  /// Calls that no handler has seen are made again once, others never.
  public func retryDelay(_ call: ClientCall, attempt: Int, error: RPCError) -> Duration? {
    call.wasUnprocessed && attempt == 1 ? .zero : nil
  }

  public func callSucceeded() {}
}
