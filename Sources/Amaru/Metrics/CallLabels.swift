// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// The labels of calls.
enum CallLabels {
  static func method(_ name: String) -> MetricLabel { MetricLabel("grpc_method", name) }
  static func status(_ code: StatusCode) -> MetricLabel { MetricLabel("grpc_status", code.name) }

  /// A sample for each code with which calls ended.
  static func durations(_ counts: CallCounts, _ labels: [MetricLabel]) -> [MetricSample] {
    StatusCode.allCases.compactMap { code in
      counts.durations(code).map { durations in
        MetricSample(labels: labels + [status(code)], value: .histogram(durations))
      }
    }
  }
}
