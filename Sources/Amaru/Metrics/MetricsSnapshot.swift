// SPDX-License-Identifier: Apache-2.0

/// The values of all metrics at one moment: for tests, and for forms of your own.
public struct MetricsSnapshot: Sendable, Hashable {
  /// The metrics, by name.
  public let families: [MetricFamily]

  init(_ families: [MetricFamily]) {
    self.families = families.sorted { $0.name < $1.name }
  }

  /// The metric `name` (without `_total`); nil when there is none.
  public func family(_ name: String) -> MetricFamily? { families.first { $0.name == name } }

  /// The sum of the values of a counter or gauge whose labels include `labels`; nil when there is none.
  public func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
    let values = samples(name, labels).compactMap { sample in
      if case .number(let value) = sample.value { value } else { nil }
    }
    return values.isEmpty ? nil : values.reduce(0, +)
  }

  /// The first histogram `name` whose labels include `labels`; nil when there is none.
  public func histogram(_ name: String, _ labels: [String: String] = [:]) -> HistogramValue? {
    for sample in samples(name, labels) {
      if case .histogram(let value) = sample.value { return value }
    }
    return nil
  }

  private func samples(_ name: String, _ labels: [String: String]) -> [MetricSample] {
    (family(name)?.samples ?? []).filter { sample in
      labels.allSatisfy { name, value in sample.labels.contains(MetricLabel(name, value)) }
    }
  }
}
