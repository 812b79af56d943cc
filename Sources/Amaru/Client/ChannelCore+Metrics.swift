// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// What a channel counts of its calls and servers, where it has ``ChannelOptions/metrics``.
extension ChannelCore {
  /// ``startCall(_:_:interceptor:)``, counted.
  func startMeasuredCall(
    _ method: MethodDescriptor, _ options: CallOptions
  ) async throws -> ClientCall {
    guard let counts else { return try await startCall(method, options) }
    var options = options
    if options.previousAttempts == 0 { counts.callBegan(method) }
    if options.beganNanoseconds == 0 { options.beganNanoseconds = loop.now }
    do {
      return try await startCall(method, options)
    } catch {
      failedToStart(method, options, error, counts)
      throw error
    }
  }

  /// ``startReadyCall(_:_:)``, counted when it starts one or fails.
  func startReadyMeasuredCall(
    _ method: MethodDescriptor, _ options: CallOptions
  ) throws -> ClientCall? {
    guard let counts else { return try startReadyCall(method, options) }
    var options = options
    options.beganNanoseconds = loop.now
    do {
      let call = try startReadyCall(method, options)
      if call != nil { counts.callBegan(method) }
      return call
    } catch {
      counts.callBegan(method)
      failedToStart(method, options, error, counts)
      throw error
    }
  }

  /// The first attempt was not sent, and so the call has ended; of a hedged one, others may go on.
  private func failedToStart(
    _ method: MethodDescriptor, _ options: CallOptions, _ error: any Error, _ counts: ClientCounts
  ) {
    guard options.previousAttempts == 0, method.kind != .unary || hedging(method) == nil else {
      return
    }
    counts.callEnded(
      method, since: options.beganNanoseconds, RPCError(callFailure: error), CallTraffic())
  }

  /// Tells the metrics how the servers are doing. When one has changed.
  func publishBackends() { counts?.publish(backends.map(\.state)) }

  /// Counts nothing any more; what was counted stays. Once no call goes on.
  func stopMeasuring() {
    if let counts { options.metrics?.remove(counts) }
  }
}
