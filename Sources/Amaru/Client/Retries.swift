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
    let pushback = error.metadata.text(Self.pushback).map { Int64($0) ?? -1 }
    let isForbidden = pushback.map { $0 < 0 } ?? false
    if let throttling = config.throttling {
      if isRetryable || isForbidden { tokens = max(tokens - 1, 0) }
      if tokens <= Double(throttling.maxTokens) / 2 { return nil }
    }
    guard isRetryable, !isForbidden, call.initialMetadata == nil, attempt < policy.maxAttempts
    else { return nil }
    return pushback.map { .milliseconds($0) } ?? policy.backoff.delay(after: attempt)
  }

  /// A call has succeeded.
  mutating func succeeded() {
    guard let throttling = config.throttling else { return }
    tokens = min(tokens + throttling.tokenRatio, Double(throttling.maxTokens))
  }
}
