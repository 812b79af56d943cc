// SPDX-License-Identifier: Apache-2.0

/// What a histogram has counted.
public struct HistogramValue: Sendable, Hashable {
  /// The upper bounds, each within its bucket, in ascending order; one more bucket, without a bound, follows.
  public let bounds: [Double]
  /// The observations of each bucket alone; one more than ``bounds``.
  public let counts: [UInt64]
  /// All observations together.
  public let sum: Double

  /// How many observations there were.
  public var count: UInt64 { counts.reduce(0, &+) }
}
