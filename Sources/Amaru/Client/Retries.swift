// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// Decides which calls of a channel are made again, and counts for its throttle. Confined to the channel's loop.
struct Retries {
  /// Where a server says how long to wait, in milliseconds; anything but a number from 0 on forbids the retry.
  private static let pushback = "grpc-retry-pushback-ms"

  private let config: ServiceConfig
  private var tokens: Double

  init(_ config: ServiceConfig) {
    self.config = config
    tokens = Double(config.throttling?.maxTokens ?? 0)
  }

  /// How long to wait before the attempt after `attempt` (from 1) of `call`, which has failed with `error`; nil when
  /// it is not made again.
  mutating func delay(_ call: ClientCall, attempt: Int, error: RPCError) -> Duration? {
    // No handler has seen it: again at once, the first time whatever the policy (transparent retry).
    if call.wasUnprocessed, attempt == 1 { return .zero }
    guard let policy = config.config(call.method)?.retry else { return nil }
    let isRetryable = policy.codes.contains(error.code)
    let pushback = Self.pushback(error)
    let isForbidden = pushback.map { $0 < 0 } ?? false
    if isRetryable || isForbidden { failed() }
    guard !isThrottled, isRetryable, !isForbidden, call.initialMetadata == nil,
      attempt < policy.maxAttempts
    else { return nil }
    return pushback.map { .milliseconds($0) } ?? policy.backoff.delay(after: attempt)
  }

  /// How long to wait before the next attempt of a hedged call, now that one has failed with `error`, which is not
  /// fatal, or, with nil, that the policy's delay is over; nil when there is no further one.
  mutating func hedgeDelay(after error: RPCError?) -> Duration? {
    let pushback = error.flatMap(Self.pushback)
    if error != nil { failed() }
    guard !isThrottled, pushback ?? 0 >= 0 else { return nil }
    return .milliseconds(pushback ?? 0)
  }

  /// What a server says of the next attempt: milliseconds to wait, below zero to make none; nil for nothing.
  private static func pushback(_ error: RPCError) -> Int64? {
    error.metadata.text(pushback).map { Int64($0) ?? -1 }
  }

  private mutating func failed() { if tokens > 0 { tokens = max(tokens - 1, 0) } }

  private var isThrottled: Bool {
    config.throttling.map { tokens <= Double($0.maxTokens) / 2 } ?? false
  }

  /// A call has succeeded.
  mutating func succeeded() {
    guard let throttling = config.throttling else { return }
    tokens = min(tokens + throttling.tokenRatio, Double(throttling.maxTokens))
  }
}
