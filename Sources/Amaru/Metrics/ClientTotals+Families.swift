// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// The metrics of channels, under the names of gRPC's OpenTelemetry metrics where those have one (proposals A66, A96).
extension ClientTotals {
  var families: [MetricFamily] {
    methods.isEmpty && backends.isEmpty ? [] : callFamilies + backendFamilies
  }

  private var callFamilies: [MetricFamily] {
    let sorted = methods.map { key, method in
      let labels = [
        CallLabels.method(key.method), MetricLabel("grpc_target", key.target),
      ]
      return (labels: labels, method: method)
    }.sorted { ($0.labels[1].value, $0.labels[0].value) < ($1.labels[1].value, $1.labels[0].value) }
    func family(
      _ name: String, _ kind: MetricFamily.Kind, _ help: String, unit: String = "",
      _ value: (Method) -> UInt64
    ) -> MetricFamily {
      MetricFamily(
        name: name, kind: kind, help: help, unit: unit,
        samples: sorted.map { .number(Double(value($0.method)), $0.labels) })
    }
    func durations(
      _ name: String, _ help: String, _ counts: (Method) -> CallCounts
    ) -> MetricFamily {
      MetricFamily(
        name: name, kind: .histogram, help: help, unit: "seconds",
        samples: sorted.flatMap { CallLabels.durations(counts($0.method), $0.labels) })
    }
    return [
      family("grpc_client_call_started", .counter, "Calls, of however many attempts.") {
        $0.calls[CallCounts.started]
      },
      durations(
        "grpc_client_call_duration_seconds", "Time of a call with all its attempts and waits.",
        \.calls),
      family("grpc_client_calls_in_flight", .gauge, "Calls that have not ended.") {
        $0.calls.inFlight
      },
      family("grpc_client_call_retries", .counter, "Attempts after a call's first.") {
        $0.calls[Self.retries - Self.calls]
      },
      family(
        "grpc_client_call_received_messages", .counter, "Messages that callers of ended calls took."
      ) { $0.calls[CallCounts.receivedMessages] },
      family(
        "grpc_client_call_received_message_bytes", .counter, "Their bytes, decompressed.",
        unit: "bytes"
      ) { $0.calls[CallCounts.receivedBytes] },
      family("grpc_client_attempt_started", .counter, "Attempts that were sent to a server.") {
        $0.attempts[CallCounts.started]
      },
      durations(
        "grpc_client_attempt_duration_seconds", "Time of an attempt on its connection.", \.attempts),
      family("grpc_client_attempt_sent_messages", .counter, "Messages that ended attempts sent.") {
        $0.attempts[CallCounts.sentMessages]
      },
      family(
        "grpc_client_attempt_sent_message_bytes", .counter, "Their bytes before compression.",
        unit: "bytes"
      ) { $0.attempts[CallCounts.sentBytes] },
    ]
  }

  /// Of two channels with the same target and server, the connections are summed, and a state is 1 when either has it.
  private var backendFamilies: [MetricFamily] {
    var connections: [[MetricLabel]: Double] = [:]
    var states: [[MetricLabel]: Double] = [:]
    var circuits: [[MetricLabel]: Double] = [:]
    for (target, state) in backends {
      let labels = [
        MetricLabel("grpc_target", target), MetricLabel("server", state.address),
      ]
      connections[labels, default: 0] += Double(state.connections)
      for known in ConnectivityState.allCases {
        let key = labels + [MetricLabel("state", known.rawValue)]
        states[key] = max(states[key] ?? 0, known == state.connectivity ? 1 : 0)
      }
      guard let circuit = state.circuit else { continue }
      for known in CircuitState.allCases {
        let key = labels + [MetricLabel("state", known.rawValue)]
        circuits[key] = max(circuits[key] ?? 0, known == circuit ? 1 : 0)
      }
    }
    func family(
      _ name: String, _ help: String, _ values: [[MetricLabel]: Double]
    ) -> MetricFamily {
      let sorted = values.sorted { left, right in
        left.key.map(\.value).lexicographicallyPrecedes(right.key.map(\.value))
      }
      return MetricFamily(
        name: name, kind: .gauge, help: help, unit: "",
        samples: sorted.map { .number($0.value, $0.key) })
    }
    return [
      family("grpc_client_connections", "Connections to a server.", connections),
      family("grpc_client_server_state", "1 for the state that a server is in.", states),
      family(
        "grpc_client_circuit_state", "1 for the state that a server's circuit breaker is in.",
        circuits),
    ]
  }
}
