// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// The service `amaru.metrics.v1.MetricsService`: gives a server's metrics to those who reach it by gRPC only.
struct ScrapeService: MetricsService {
  private let metrics: Metrics

  init(_ metrics: Metrics) { self.metrics = metrics }

  func scrape(_ request: ScrapeRequest, context: CallContext) async throws -> ScrapeResponse {
    .with { response in
      response.contentType = OpenMetrics.contentType
      response.text = metrics.openMetricsText()
    }
  }
}
