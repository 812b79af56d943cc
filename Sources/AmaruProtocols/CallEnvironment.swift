// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// What the calls of one loop share. Confined to the loop.
package final class CallEnvironment {
  /// Finds the handlers.
  package let router: Router
  /// Runs them.
  package let dispatcher: CallDispatcher
  /// What every call is held to.
  package let limits: Limits
  /// How responses are compressed unless their handler says otherwise.
  package let responseCoding: ContentCoding
  /// The loop.
  package let executor: any LoopExecutor
  /// Ends calls in time.
  package let deadlines: any DeadlineScheduler
  /// What sees the calls; nil when nobody looks.
  package let observer: (any CallObserver)?
  /// Which pages of other origins may call; nil for none.
  package let cors: CORS?
  /// The routes of plain HTTP; nil for none.
  package let bindings: HTTPBindings?
  let compression = Compression()

  package init(
    router: Router, dispatcher: CallDispatcher, limits: Limits, responseCoding: ContentCoding,
    executor: any LoopExecutor, deadlines: any DeadlineScheduler,
    observer: (any CallObserver)? = nil, cors: CORS? = nil, bindings: HTTPBindings? = nil
  ) {
    self.router = router
    self.dispatcher = dispatcher
    self.limits = limits
    self.responseCoding = responseCoding
    self.executor = executor
    self.deadlines = deadlines
    self.observer = observer
    self.cors = cors
    self.bindings = bindings
  }
}

/// The clock of a loop and what ends calls by it.
package protocol DeadlineScheduler: AnyObject {
  /// The present time in nanoseconds since the epoch of `ContinuousClock`.
  var now: UInt64 { get }
  /// Calls `call.deadlinePassed()` at its deadline; gives what ``cancel(_:)`` takes.
  func schedule(_ call: any DeadlineTarget, at nanoseconds: UInt64) -> AnyObject
  /// Takes a deadline back.
  func cancel(_ deadline: AnyObject)
}

/// A call with a deadline.
package protocol DeadlineTarget: AnyObject {
  /// The time is up.
  func deadlinePassed()
}

/// The connection that a call came by.
package protocol CallConnection: AnyObject, Sendable {
  /// The other end, as gRPC names addresses. Any thread.
  var peer: String { get }
  /// Who the other end proved to be; the same for all its calls. Any thread.
  var peerIdentity: PeerIdentity? { get }
  /// Why the connection was given up; nil when it ended by itself.
  var lossReason: String? { get }
  /// A call that this side has made counts no more. Loop only; once for each.
  func callClosed(_ call: GRPCClientCall)
}

extension CallConnection {
  package var peerIdentity: PeerIdentity? { nil }
  package var lossReason: String? { nil }
  package func callClosed(_ call: GRPCClientCall) {}
}
