// SPDX-License-Identifier: Apache-2.0

/// What metrics and labels may be called. Source: OpenMetrics 1.0.0, "MetricFamily", "Label" and the ABNF.
enum MetricName {
  private static let maxBytes = 200
  private static let maxLabels = 16
  /// What the text form or a kind of metric adds.
  private static let suffixes = ["_total", "_bucket", "_count", "_sum", "_created", "_info"]
  /// What names this library's own.
  private static let ownPrefixes = ["grpc_", "process_", "amaru_"]

  /// - Throws: ``MetricsError`` when a name cannot be used.
  static func check(
    _ name: String, unit: String, labels: [String: String]
  ) throws(MetricsError) {
    guard isName(name) else {
      throw MetricsError("'\(name)' is no name for a metric: use letters, digits and _")
    }
    if let suffix = suffixes.first(where: { name.hasSuffix($0) }) {
      throw MetricsError("\(name) must not end in \(suffix), which the text form adds or reserves")
    }
    if let prefix = ownPrefixes.first(where: { name.hasPrefix($0) }) {
      throw MetricsError("\(name) must not begin with \(prefix), as the library's own do")
    }
    guard unit.isEmpty || (isName(unit) && name.hasSuffix("_" + unit)) else {
      throw MetricsError("\(name) must end with its unit, _\(unit)")
    }
    guard labels.count <= maxLabels else {
      throw MetricsError("\(name) has over \(maxLabels) labels")
    }
    for label in labels.keys where !isName(label) || label.hasPrefix("__") || label == "le" {
      throw MetricsError("'\(label)' is no name for a label of \(name)")
    }
  }

  private static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= maxBytes else { return false }
    guard !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }
}

extension MetricsError {
  static func taken(_ name: String) -> MetricsError {
    MetricsError("\(name) is there already, with another kind or unit")
  }
}
