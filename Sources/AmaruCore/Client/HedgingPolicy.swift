// SPDX-License-Identifier: Apache-2.0

/// When a call is sent to further servers without waiting for the first to fail; the first success counts, and the
/// others are cancelled. Source: gRPC's proposal A6, "Hedging Policy".
///
/// Only for methods that may be carried out more than once. Unary calls are hedged, calls with streams are not.
public struct HedgingPolicy: Sendable, Hashable {
  /// How many attempts there are in all, from 2 to 5.
  public let maxAttempts: Int
  /// The wait between one attempt and the next; zero sends all at once.
  public let delay: Duration
  /// The codes after which the next attempt is sent at once; any other error ends the call.
  public let nonFatalCodes: Set<StatusCode>

  /// A policy. More than 5 attempts count as 5, as the source asks.
  /// - Throws: ``RPCError``, `INVALID_ARGUMENT`, for less than 2 attempts, a wait below zero, and `OK` as an error.
  public init(
    maxAttempts: Int, delay: Duration, nonFatalCodes: Set<StatusCode> = []
  ) throws(RPCError) {
    guard maxAttempts >= 2 else {
      throw RPCError(.invalidArgument, "maxAttempts is \(maxAttempts); write 2 or more")
    }
    guard delay >= .zero else { throw RPCError(.invalidArgument, "hedgingDelay is below zero") }
    guard !nonFatalCodes.contains(.ok) else {
      throw RPCError(.invalidArgument, "nonFatalStatusCodes must name errors")
    }
    self.maxAttempts = min(maxAttempts, 5)
    self.delay = delay
    self.nonFatalCodes = nonFatalCodes
  }
}
