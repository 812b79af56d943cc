// SPDX-License-Identifier: Apache-2.0
import Amaru

/// Tells whoever listens how loaded the server is. Source: gRPC's proposal A51.
struct LoadReportService: OpenRcaService {
  /// The description's own limit.
  private static let minInterval = Duration.seconds(1)

  let load: ReportedLoad

  func streamCoreMetrics(
    _ request: OrcaLoadReportRequest, to responses: MessageWriter<OrcaLoadReport>,
    context: CallContext
  ) async throws {
    let interval = max(try request.reportInterval?.swiftDuration() ?? .zero, Self.minInterval)
    while true {
      try await responses.write(load.report)
      try await Task.sleep(for: interval)
    }
  }
}
