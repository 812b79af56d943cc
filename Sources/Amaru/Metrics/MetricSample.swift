// SPDX-License-Identifier: Apache-2.0

/// One value of a metric.
public struct MetricSample: Sendable, Hashable {
  /// What the value belongs to, such as `grpc_method`.
  public let labels: [MetricLabel]
  /// The value.
  public let value: MetricValue
}

extension MetricSample {
  static func number(_ value: Double, _ labels: [MetricLabel] = []) -> MetricSample {
    MetricSample(labels: labels, value: .number(value))
  }
}
