// SPDX-License-Identifier: Apache-2.0
import Amaru

/// Many large calls in sequence, over one channel or each over a new one, none of which may fail or take too long.
struct Soak {
  var iterations = 10
  var maxFailures = 0
  /// A call that takes longer counts as one that failed.
  var maxLatencyMilliseconds = 1000
  /// When the test ends at the latest, in seconds; nil for all iterations at their longest.
  var overallSeconds: Int?
  var minMillisecondsBetweenCalls = 0

  /// Takes the value of a flag; false when it is none of the soak's.
  mutating func take(_ flag: String, _ number: Int) -> Bool {
    switch flag {
    case "--soak-iterations": iterations = number
    case "--soak-max-failures": maxFailures = number
    case "--soak-per-iteration-max-acceptable-latency-ms": maxLatencyMilliseconds = number
    case "--soak-overall-timeout-seconds": overallSeconds = number
    case "--soak-min-time-ms-between-rpcs": minMillisecondsBetweenCalls = number
    default: return false
    }
    return true
  }

  /// - Parameter reuses: Whether all calls use one channel.
  func run(reuses: Bool, _ makeChannel: () throws -> ClientChannel) async throws {
    let clock = ContinuousClock()
    let start = clock.now
    let overall =
      overallSeconds.map { .seconds($0) } ?? .milliseconds(maxLatencyMilliseconds) * iterations
    var channel = try makeChannel()
    var latencies: [Int] = []
    var failures = 0
    while latencies.count < iterations, clock.now - start < overall {
      let began = clock.now
      if !reuses, !latencies.isEmpty { channel = try makeChannel() }
      let (peer, error) = await UnaryTests(channel).largeFromWhom()
      let elapsed = clock.now - began
      let milliseconds = Int(elapsed / .milliseconds(1))
      let isSlow = milliseconds > maxLatencyMilliseconds
      let outcome = error.map { "failed: \($0)" } ?? (isSlow ? "failed: too slow" : "succeeded")
      print(
        "soak iteration: \(latencies.count) elapsed_ms: \(milliseconds) peer: \(peer) \(outcome)")
      if error != nil || isSlow { failures += 1 }
      latencies.append(milliseconds)
      if !reuses { await channel.close() }
      let pause = Duration.milliseconds(minMillisecondsBetweenCalls) - (clock.now - began)
      if pause > .zero { try await Task.sleep(for: pause) }
    }
    if reuses { await channel.close() }
    try expect("the number of calls", latencies.count, is: iterations)
    latencies.sort()
    if let most = latencies.last {
      print(
        "latency_ms: median \(latencies[iterations / 2]) 90th \(latencies[iterations * 9 / 10]) max \(most)"
      )
    }
    guard failures <= maxFailures else {
      throw TestFailure("\(failures) calls failed or were too slow, of at most \(maxFailures)")
    }
  }
}
