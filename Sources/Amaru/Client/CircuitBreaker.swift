// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// Keeps calls from a server that fails too often or has too much to do, each server of a channel for itself.
///
/// ```
///   closed --too many failures--> open --openTime over--> half-open --trials succeed--> closed
///                                   ^                         |
///                                   +------a trial fails------+
/// ```
///
/// While other servers of the channel take calls, these go there; with none left a call fails with `UNAVAILABLE`, which
/// says when the next trial is due.
public struct CircuitBreaker: Sendable, Hashable {
  /// The part of the calls in ``window`` that must fail to open the circuit, over 0 and at most 1.
  public var failureRate = 0.5
  /// The number of calls in ``window`` below which the rate does not count.
  public var minimumCalls = 20
  /// The time over which calls are counted.
  public var window: Duration = .seconds(10)
  /// The time for which an open circuit lets no call pass.
  public var openTime: Duration = .seconds(5)
  /// How many calls are let pass as trials, and must succeed to close the circuit.
  public var trialCalls = 3
  /// Calls that one server may have at once; nil for no limit.
  public var maxConcurrentCalls: Int?
  /// The codes that count as failures of the server; `CANCELLED` counts for nothing, the others as success.
  public var failureCodes: Set<StatusCode> = [
    .unavailable, .deadlineExceeded, .internal, .unknown, .dataLoss,
  ]

  /// The values above.
  public init() {}
}
