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

  /// Starts a call at once, where nothing has to be waited for; nil, and nothing was done, where
  /// ``startCall(_:_:)`` has to be asked. Called on the loop, as that is.
  func startReadyCall(_ method: MethodDescriptor, _ options: CallOptions) throws -> ClientCall?

  /// How long to wait before the attempt after `attempt` (from 1) of `call`, which has failed with `error`; nil when
  /// it is not made again. Called on the loop.
  func retryDelay(_ call: ClientCall, attempt: Int, error: RPCError) -> Duration?

  /// A call has ended, with success (nil) or an error, and is not made again. `call` is its last attempt; nil when none
  /// was sent. Called on the loop, once for each call that ``startCall(_:_:)`` gave an attempt, and for a hedged one.
  func callEnded(_ method: MethodDescriptor, _ call: ClientCall?, _ failure: RPCError?)

  /// How unary calls of `method` are hedged; nil for not at all. Called on the loop.
  func hedging(_ method: MethodDescriptor) -> HedgingPolicy?

  /// How long to wait before the next attempt of a hedged call, of which one has failed with `error` (nil: none has,
  /// and the policy's delay is over); nil when there is no further one. Called on the loop.
  func hedgeDelay(after error: RPCError?, _ policy: HedgingPolicy) -> Duration?

  /// Bytes of requests that a call of `method` with a stream of them keeps for when it is made again; 0 keeps none.
  /// Called on the loop.
  func retryBufferBytes(_ method: MethodDescriptor) -> Int
}

extension Channel {
  public func startReadyCall(
    _ method: MethodDescriptor, _ options: CallOptions
  ) throws -> ClientCall? { nil }

  /// Calls that no handler has seen are made again once, others never.
  public func retryDelay(_ call: ClientCall, attempt: Int, error: RPCError) -> Duration? {
    call.wasUnprocessed && attempt == 1 ? .zero : nil
  }

  public func callEnded(_ method: MethodDescriptor, _ call: ClientCall?, _ failure: RPCError?) {}

  public func hedging(_ method: MethodDescriptor) -> HedgingPolicy? { nil }

  public func hedgeDelay(after error: RPCError?, _ policy: HedgingPolicy) -> Duration? { .zero }

  public func retryBufferBytes(_ method: MethodDescriptor) -> Int { 0 }
}
