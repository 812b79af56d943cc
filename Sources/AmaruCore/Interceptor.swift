// SPDX-License-Identifier: Apache-2.0

/// Code that runs around every call, whichever wire it came by.
///
/// An interceptor sees the call's context before and after the handler. It may refuse the call by
/// throwing an ``RPCError`` without calling `next`, add response metadata and trailers through the
/// context, measure, log, or replace the error that `next` threw. The first interceptor of a server is
/// the outermost. It runs on the call's loop and must not block.
public protocol Interceptor: Sendable {
  /// Handles one call: calls `next` once to go on, or throws.
  func intercept(
    _ context: CallContext, next: @Sendable (CallContext) async throws -> Void
  ) async throws
}
