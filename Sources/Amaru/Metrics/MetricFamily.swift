// SPDX-License-Identifier: Apache-2.0

/// All values of one metric at one moment.
public struct MetricFamily: Sendable, Hashable {
  /// What a metric's values mean.
  public enum Kind: String, Sendable, Hashable {
    /// Only grows, until its process ends.
    case counter
    /// Goes up and down.
    case gauge
    /// Counts observations by their size.
    case histogram
  }

  /// The name without the suffix of a counter (`_total`) and with the unit: `process_cpu_seconds`.
  public let name: String
  /// What the values mean.
  public let kind: Kind
  /// What is measured, for a person.
  public let help: String
  /// The unit in the plural, which ends ``name``: `seconds`, `bytes`; empty for a number of things.
  public let unit: String
  /// The values, one for each set of labels.
  public internal(set) var samples: [MetricSample]
}

/// One value of a metric.
public struct MetricSample: Sendable, Hashable {
  /// What the value belongs to, such as `grpc_method`.
  public let labels: [MetricLabel]
  /// The value.
  public let value: MetricValue
}

/// One dimension of a metric.
public struct MetricLabel: Sendable, Hashable {
  /// Which dimension.
  public let name: String
  /// Where in it; any text.
  public let value: String

  /// A label from its parts.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// The value of a metric.
public enum MetricValue: Sendable, Hashable {
  /// A counter's or a gauge's.
  case number(Double)
  /// A histogram's.
  case histogram(HistogramValue)
}

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
