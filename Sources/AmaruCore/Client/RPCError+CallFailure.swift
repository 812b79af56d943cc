// SPDX-License-Identifier: Apache-2.0

extension RPCError {
  /// What a call has failed with, of an error that its caller is told.
  package init(callFailure error: any Error) {
    self =
      error as? RPCError ?? RPCError(error is CancellationError ? .cancelled : .unknown)
  }
}
