// SPDX-License-Identifier: Apache-2.0

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
