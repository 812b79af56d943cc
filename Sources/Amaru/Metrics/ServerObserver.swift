// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO

/// Counts the calls of one loop of a server and writes its access log. Confined to the loop.
final class ServerObserver: CallObserver {
  private unowned let loop: EventLoop
  private let counts: ServerCounts?
  private let log: AccessLog?

  /// nil when there is nothing to count and nothing to write.
  init?(_ loop: EventLoop, _ counts: ServerCounts?, _ log: AccessLog?) {
    guard counts != nil || log != nil else { return nil }
    self.loop = loop
    self.counts = counts
    self.log = log
  }

  func callBegan(_ call: ServerCall) {
    call.beganNanoseconds = loop.now
    counts?.callBegan(call.handler.index)
  }

  func callEnded(_ call: ServerCall, _ error: RPCError?) {
    // The loop's own time stands still while a handler computes.
    let now = EventLoop.currentNanoseconds()
    let began = call.beganNanoseconds
    let nanoseconds = now > began ? now - began : 0
    counts?.callEnded(
      call.handler.index, error?.code ?? .ok, nanoseconds: nanoseconds, call.trafficSoFar)
    log?.write(call, error, nanoseconds: nanoseconds)
  }

  func callRefused(_ refusal: CallRefusal) {
    counts?.callBegan(-1)
    counts?.callEnded(-1, refusal.error.code, nanoseconds: 0, CallTraffic())
    log?.write(refusal)
  }
}
