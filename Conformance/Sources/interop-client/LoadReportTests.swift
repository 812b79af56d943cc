// SPDX-License-Identifier: Apache-2.0
import Amaru

/// The tests of load reports (ORCA; gRPC's proposal A51).
///
/// Amaru's policies of load balancing get no reports: the client takes them from the trailers, and asks for those beside
/// the calls, itself.
struct LoadReportTests {
  /// At one each second, what comes within the five seconds of the description.
  private static let maxReports = 6

  private let client: TestServiceClient
  private let reports: OpenRcaServiceClient

  init(_ channel: ClientChannel) {
    client = TestServiceClient(channel)
    reports = OpenRcaServiceClient(channel)
  }

  func perCall() async throws {
    var options = CallOptions()
    options.response = ResponseInfo()
    let request = SimpleRequest.with {
      $0.orcaPerQueryReport = .with {
        $0.cpuUtilization = 0.8210
        $0.memoryUtilization = 0.5847
        $0.requestCost = ["cost": 3456.32]
        $0.utilization = ["util": 0.30499]
      }
    }
    _ = try await client.unaryCall(request, options: options)
    let bytes = options.response?.trailers.binary("endpoint-load-metrics-bin")
    let wanted = OrcaLoadReport.with {
      $0.cpuUtilization = 0.8210
      $0.memUtilization = 0.5847
      $0.requestCost = ["cost": 3456.32]
      $0.utilization = ["util": 0.30499]
    }
    try expect("the report", try bytes.map { try OrcaLoadReport(decoding: $0) }, is: wanted)
  }

  func outOfBand() async throws {
    let interval = try Google_Protobuf_Duration(.seconds(1))
    let stream = try await reports.streamCoreMetrics(.with { $0.reportInterval = interval })
    var reports = stream.makeAsyncIterator()
    let chat = try await client.fullDuplexCall()
    var responses = chat.responses.makeAsyncIterator()
    for (cpu, memory, utilization) in [(0.8210, 0.5847, 0.30499), (0.29309, 0.2, 100.2039)] {
      try await chat.write(
        .with {
          $0.orcaOobReport = .with {
            $0.cpuUtilization = cpu
            $0.memoryUtilization = memory
            $0.utilization = ["util": utilization]
          }
          $0.responseParameters = [.with { $0.size = 1 }]
        })
      try expect("the size", try await responses.next()?.payload?.body.count, is: 1)
      let wanted = OrcaLoadReport.with {
        $0.cpuUtilization = cpu
        $0.memUtilization = memory
        $0.utilization = ["util": utilization]
      }
      var report: OrcaLoadReport?
      for _ in 0..<Self.maxReports where report != wanted { report = try await reports.next() }
      try expect("the report", report, is: wanted)
    }
    try await chat.finish()
    try expect("what follows", try await responses.next(), is: nil)
  }
}
