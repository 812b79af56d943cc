// SPDX-License-Identifier: Apache-2.0

extension RPCError {
  /// What the caller is told of an error that a handler threw.
  ///
  /// A foreign error's own text may hold secrets: it goes to the log, and the peer gets a fixed one.
  init(handlerError error: any Error, in call: ServerCall, logger: Logger) {
    switch error {
    case let error as RPCError:
      self = error
      if error.code == .ok {
        code = .unknown
        message = "the handler threw an error with code OK"
      }
    case is CancellationError:
      self = call.cancellation ?? RPCError(.cancelled, "the handler was cancelled")
    default:
      self = RPCError(.unknown, "the handler failed")
      logger.log(.error, "\(call.handler.method.fullName): \(type(of: error)): \(error)")
    }
  }
}
