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

extension MetricFamily {
  /// A metric with one value and no labels.
  static func single(
    _ name: String, _ kind: Kind, _ help: String, _ value: Double, unit: String = ""
  ) -> MetricFamily {
    MetricFamily(name: name, kind: kind, help: help, unit: unit, samples: [.number(value)])
  }
}
