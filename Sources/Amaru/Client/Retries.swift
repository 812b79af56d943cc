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
    let pushback = error.metadata.text(Self.pushback)
    let isRetryable = policy.codes.contains(error.code)
    if isRetryable || pushback.map({ Int($0) ?? -1 < 0 }) == true { tokens -= 1 }
    if let throttling = config.throttling {
      tokens = max(tokens, 0)
      if tokens <= Double(throttling.maxTokens) / 2 { return nil }
    }
    guard isRetryable, call.initialMetadata == nil, attempt < policy.maxAttempts else {
      return nil
    }
    guard let pushback else { return policy.backoff.delay(after: attempt) }
    guard let milliseconds = Int64(pushback), milliseconds >= 0 else { return nil }
    return .milliseconds(milliseconds)
  }

  /// A call has succeeded.
  mutating func succeeded() {
    guard let throttling = config.throttling else { return }
    tokens = min(tokens + throttling.tokenRatio, Double(throttling.maxTokens))
  }
}
