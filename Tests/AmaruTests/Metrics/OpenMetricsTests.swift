// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Amaru

struct OpenMetricsTests {
  @Test func theTextIsWhatTheSpecificationSays() throws {
    let snapshot = MetricsSnapshot([
      MetricFamily(
        name: "b_seconds", kind: .histogram, help: "Waits.", unit: "seconds",
        samples: [
          MetricSample(
            labels: [MetricLabel("m", "x")],
            value: .histogram(HistogramValue(bounds: [1e-05, 0.5, 10], counts: [1, 0, 2, 3], sum: 7.25)))
        ]),
      MetricFamily(
        name: "a", kind: .counter, help: "A \"quote\", a \\ and\na line.", unit: "",
        samples: [
          .number(3, [MetricLabel("k", "v\n\"\\é\u{1b}"), MetricLabel("l", "")]), .number(0.5),
        ]),
      MetricFamily(
        name: "c", kind: .gauge, help: "", unit: "",
        samples: [
          .number(.infinity), .number(-.infinity), .number(.nan), .number(-2), .number(1e300),
        ]),
    ])
    #expect(
      OpenMetrics.text(snapshot) == """
        # TYPE a counter
        # HELP a A \\"quote\\", a \\\\ and\\na line.
        a_total{k="v\\n\\"\\\\é\u{1b}",l=""} 3
        a_total 0.5
        # TYPE b_seconds histogram
        # UNIT b_seconds seconds
        # HELP b_seconds Waits.
        b_seconds_bucket{m="x",le="1e-05"} 1
        b_seconds_bucket{m="x",le="0.5"} 1
        b_seconds_bucket{m="x",le="10.0"} 3
        b_seconds_bucket{m="x",le="+Inf"} 6
        b_seconds_count{m="x"} 6
        b_seconds_sum{m="x"} 7.25
        # TYPE c gauge
        # HELP c\u{20}
        c +Inf
        c -Inf
        c NaN
        c -2
        c 1e+300
        # EOF

        """)
  }

  @Test func everyCodeHasItsPlace() {
    #expect(CallCounts.codes == StatusCode.allCases.count)
    for code in StatusCode.allCases { #expect((0..<CallCounts.codes).contains(code.rawValue)) }
  }

  @Test func everyBoundIsTheLastOfItsBucket() {
    #expect(LatencyBuckets.bounds.count == LatencyBuckets.count - 1)
    for (index, bound) in LatencyBuckets.bounds.enumerated() {
      let nanoseconds = UInt64((bound * 1e9).rounded())
      #expect(LatencyBuckets.index(nanoseconds: nanoseconds) == index)
      #expect(LatencyBuckets.index(nanoseconds: nanoseconds + 1) == index + 1)
    }
    #expect(LatencyBuckets.index(nanoseconds: 0) == 0)
    #expect(LatencyBuckets.index(nanoseconds: .max) == LatencyBuckets.count - 1)
    #expect(LatencyBuckets.bounds.first == 1e-05)
    #expect(LatencyBuckets.bounds.last == 100)
  }
}
