// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// A server's metrics under the names that gRPC's OpenTelemetry metrics have in the form of OpenMetrics (proposal A66),
/// and some beside them.
extension ServerTotals {
  var families: [MetricFamily] {
    guard !calls.isEmpty else { return [] }
    return callFamilies + connectionFamilies
  }

  private var callFamilies: [MetricFamily] {
    let methods = calls.sorted { $0.key < $1.key }
      .filter { $0.key != ServerCounts.unknownMethod || $0.value[CallCounts.started] > 0 }
    let called = methods.filter { $0.value[CallCounts.started] > 0 }
    func family(
      _ name: String, _ help: String, unit: String = "", of cell: Int
    ) -> MetricFamily {
      MetricFamily(
        name: name, kind: .counter, help: help, unit: unit,
        samples: called.map { .number(Double($0.value[cell]), [CallLabels.method($0.key)]) })
    }
    return [
      MetricFamily(
        name: "grpc_server_call_started", kind: .counter, help: "Calls that began.", unit: "",
        samples: methods.map {
          .number(Double($0.value[CallCounts.started]), [CallLabels.method($0.key)])
        }),
      MetricFamily(
        name: "grpc_server_call_duration_seconds", kind: .histogram,
        help: "Time from the arrival of a call's head until its status is written.",
        unit: "seconds",
        samples: called.flatMap { method, counts in
          CallLabels.durations(counts, [CallLabels.method(method)])
        }),
      MetricFamily(
        name: "grpc_server_calls_in_flight", kind: .gauge, help: "Calls that have not ended.",
        unit: "",
        samples: methods.map {
          .number(Double($0.value.inFlight), [CallLabels.method($0.key)])
        }),
      family(
        "grpc_server_call_received_messages", "Messages that handlers of ended calls have read.",
        of: CallCounts.receivedMessages),
      family(
        "grpc_server_call_received_message_bytes", "Their bytes, decompressed.", unit: "bytes",
        of: CallCounts.receivedBytes),
      family(
        "grpc_server_call_sent_messages", "Messages that handlers of ended calls have written.",
        of: CallCounts.sentMessages),
      family(
        "grpc_server_call_sent_message_bytes", "Their bytes before compression.", unit: "bytes",
        of: CallCounts.sentBytes),
    ]
  }

  private var connectionFamilies: [MetricFamily] {
    let values = connections.map { Double($0) }
    guard values.count == 4 else { return [] }
    return [
      .single("grpc_server_connections_accepted", .counter, "Connections so far.", values[0]),
      .single(
        "grpc_server_connections", .gauge, "Connections that are open.",
        max(values[0] - values[1], 0)),
      .single(
        "grpc_server_received_bytes", .counter, "Bytes of HTTP that came, without those of TLS.",
        values[2], unit: "bytes"),
      .single(
        "grpc_server_sent_bytes", .counter, "Bytes of HTTP that were sent, without those of TLS.",
        values[3], unit: "bytes"),
    ]
  }
}
