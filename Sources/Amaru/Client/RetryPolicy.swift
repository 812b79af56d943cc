// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// When a call that failed is made again. Source: gRPC's proposal A6, "Retry Policy".
///
/// A call is made again while the server has not begun to answer it: after that it is committed.
public struct RetryPolicy: Sendable, Hashable {
  /// How often a call is made in all, from 2 to 5.
  public let maxAttempts: Int
  /// The wait before an attempt, and how it grows.
  public let backoff: Backoff
  /// The codes after which it is made again.
  public let codes: Set<StatusCode>

  /// A policy. More than 5 attempts count as 5, as the source asks.
  /// - Throws: ``RPCError``, `INVALID_ARGUMENT`, for less than 2 attempts, no codes or `OK` among them, and a wait of
  ///   zero.
  public init(
    maxAttempts: Int, backoff: Backoff, codes: Set<StatusCode>
  ) throws(RPCError) {
    guard maxAttempts >= 2 else {
      throw RPCError(.invalidArgument, "maxAttempts is \(maxAttempts); write 2 or more")
    }
    guard !codes.isEmpty, !codes.contains(.ok) else {
      throw RPCError(.invalidArgument, "retryableStatusCodes must name errors, at least one")
    }
    guard backoff.initial > .zero, backoff.maximum > .zero, backoff.multiplier > 0 else {
      throw RPCError(
        .invalidArgument, "initialBackoff, maxBackoff and backoffMultiplier must be over 0")
    }
    self.maxAttempts = min(maxAttempts, 5)
    self.backoff = backoff
    self.codes = codes
  }

  init(json: RetryPolicyJSON, _ place: String) throws(RPCError) {
    let backoff = Backoff(
      initial: try ServiceConfig.duration(json.initialBackoff, "\(place).initialBackoff") ?? .zero,
      multiplier: Double(json.backoffMultiplier),
      maximum: try ServiceConfig.duration(json.maxBackoff, "\(place).maxBackoff") ?? .zero)
    do throws(RPCError) {
      try self.init(
        maxAttempts: Int(json.maxAttempts), backoff: backoff,
        codes: Set(json.retryableStatusCodes.compactMap(StatusCode.init(json:))))
    } catch {
      throw ServiceConfig.bad("\(place): \(error.message)")
    }
  }
}
