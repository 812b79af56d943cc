// SPDX-License-Identifier: Apache-2.0

/// The text form of OpenMetrics 1.0, which Prometheus and others read.
///
/// Source: the OpenMetrics specification 1.0.0, "Text format".
public enum OpenMetrics {
  /// The media type of ``text(_:)``.
  public static let contentType =
    "application/openmetrics-text; version=1.0.0; charset=utf-8"

  /// The values as text, up to and with `# EOF`.
  public static func text(_ snapshot: MetricsSnapshot) -> String {
    var text = ""
    for family in snapshot.families { append(family, to: &text) }
    text += "# EOF\n"
    return text
  }

  private static func append(_ family: MetricFamily, to text: inout String) {
    text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
    if !family.unit.isEmpty { text += "# UNIT \(family.name) \(family.unit)\n" }
    text += "# HELP \(family.name) "
    appendEscaped(family.help, to: &text)
    text += "\n"
    for sample in family.samples {
      switch sample.value {
      case .number(let value):
        let suffix = family.kind == .counter ? "_total" : ""
        append(family.name, suffix, sample.labels, number(value), to: &text)
      case .histogram(let value): append(value, family.name, sample.labels, to: &text)
      }
    }
  }

  private static func append(
    _ histogram: HistogramValue, _ name: String, _ labels: [MetricLabel], to text: inout String
  ) {
    var total: UInt64 = 0
    let bounds = histogram.bounds.map { "\($0)" } + ["+Inf"]
    for (bound, count) in zip(bounds, histogram.counts) {
      total &+= count
      append(name, "_bucket", labels + [MetricLabel("le", bound)], String(total), to: &text)
    }
    append(name, "_count", labels, String(total), to: &text)
    append(name, "_sum", labels, number(histogram.sum), to: &text)
  }

  private static func append(
    _ name: String, _ suffix: String, _ labels: [MetricLabel], _ value: String,
    to text: inout String
  ) {
    text += name
    text += suffix
    if !labels.isEmpty {
      var separator = "{"
      for label in labels {
        text += separator
        text += label.name
        text += "=\""
        appendEscaped(label.value, to: &text)
        text += "\""
        separator = ","
      }
      text += "}"
    }
    text += " "
    text += value
    text += "\n"
  }

  /// The three characters that the format escapes: all others stand for themselves.
  private static func appendEscaped(_ value: String, to text: inout String) {
    guard value.utf8.contains(where: { $0 == 0x22 || $0 == 0x5c || $0 == 0x0a }) else {
      text += value
      return
    }
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if let whole = Int64(exactly: value) { return String(whole) }
    return "\(value)"
  }
}
