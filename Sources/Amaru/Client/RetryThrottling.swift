// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// Stops retries while too many calls of a channel fail: each failure takes a token, each success gives a part of one
/// back, and with half of them gone nothing is retried. Source: gRPC's proposal A6, "Throttling".
public struct RetryThrottling: Sendable, Hashable {
  /// The tokens at the start and at most, from 1 to 1000.
  public let maxTokens: Int
  /// What a success gives back, over 0, to three places.
  public let tokenRatio: Double

  /// A throttle.
  /// - Throws: ``RPCError``, `INVALID_ARGUMENT`, for values out of range.
  public init(maxTokens: Int, tokenRatio: Double) throws(RPCError) {
    guard (1...1000).contains(maxTokens) else {
      throw ServiceConfig.bad("retryThrottling.maxTokens is \(maxTokens); write 1 to 1000")
    }
    let ratio = (tokenRatio * 1000).rounded(.down) / 1000
    guard ratio > 0, ratio.isFinite else {
      throw ServiceConfig.bad("retryThrottling.tokenRatio must be over 0")
    }
    self.maxTokens = maxTokens
    self.tokenRatio = ratio
  }

  init(json: RetryThrottlingJSON) throws(RPCError) {
    try self.init(maxTokens: Int(json.maxTokens), tokenRatio: Double(json.tokenRatio))
  }
}
