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

  /// How long to wait before the attempt after `attempt` (from 1) of a call that failed with `error`; nil when
  /// it is not made again.
  func retryDelay(
    _ method: MethodDescriptor, attempt: Int, error: RPCError, isUnprocessed: Bool
  ) -> Duration?

  /// A call that might have been made again has succeeded: the retry throttle hears of it.
  func callSucceeded(_ method: MethodDescriptor)
}

extension Channel {
  /// Calls that no handler has seen are made again once, others never.
  public func retryDelay(
    _ method: MethodDescriptor, attempt: Int, error: RPCError, isUnprocessed: Bool
  ) -> Duration? {
    isUnprocessed && attempt == 1 ? .zero : nil
  }

  public func callSucceeded(_ method: MethodDescriptor) {}
}
