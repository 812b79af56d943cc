// SPDX-License-Identifier: Apache-2.0

/// What a program counts by itself.
enum Instrument: Sendable {
  case counter(Counter)
  case gauge(Gauge)
  case histogram(Histogram)

  var value: MetricValue {
    switch self {
    case .counter(let counter): .number(Double(counter.value))
    case .gauge(let gauge): .number(gauge.value)
    case .histogram(let histogram): .histogram(histogram.value)
    }
  }
}

/// The instruments of one name.
struct InstrumentFamily: Sendable {
  let name: String
  let kind: MetricFamily.Kind
  let help: String
  let unit: String
  var instruments: [[String: String]: Instrument] = [:]

  /// Their values, in an order that does not change.
  var family: MetricFamily {
    let samples = instruments.map { labels, instrument in
      MetricSample(
        labels: labels.sorted { $0.key < $1.key }.map { MetricLabel($0.key, $0.value) },
        value: instrument.value)
    }
    return MetricFamily(
      name: name, kind: kind, help: help, unit: unit,
      samples: samples.sorted { left, right in
        left.labels.lexicographicallyPrecedes(right.labels) {
          ($0.name, $0.value) < ($1.name, $1.value)
        }
      })
  }
}
