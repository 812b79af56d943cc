// SPDX-License-Identifier: Apache-2.0

/// The value of a metric.
public enum MetricValue: Sendable, Hashable {
  /// A counter's or a gauge's.
  case number(Double)
  /// A histogram's.
  case histogram(HistogramValue)
}
