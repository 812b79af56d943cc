// SPDX-License-Identifier: Apache-2.0

/// Code that runs around every attempt at a call of a channel: adds metadata, measures, logs, refuses.
///
/// The first interceptor of a channel is the outermost. A retried call passes once for each attempt, with
/// ``CallOptions/previousAttempts`` counting. It runs on the channel's loop and must not block.
///
/// ```swift
/// func intercept(...) async throws -> ClientCall {
///   let call = try await next(method, options)
///   call.whenEnded { call in log(call.method.fullName, call.failure) }
///   return call
/// }
/// ```
public protocol ClientInterceptor: Sendable {
  /// Starts one attempt: calls `next`, with the options as they are or changed, or throws to refuse it.
  /// - Throws: ``RPCError`` reaches the caller as it is.
  func intercept(
    _ method: MethodDescriptor, _ options: CallOptions,
    next: @Sendable (MethodDescriptor, CallOptions) async throws -> ClientCall
  ) async throws -> ClientCall
}
