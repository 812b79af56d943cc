// SPDX-License-Identifier: Apache-2.0

/// Why a metric cannot be made.
public struct MetricsError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, and with which metric.
  public let description: String

  init(_ description: String) { self.description = description }
}
