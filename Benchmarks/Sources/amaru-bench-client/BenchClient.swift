// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc

/// `amaru-bench-client --target HOST:PORT --concurrency N --seconds S [--tls-ca FILE]`: calls `Get` over one connection,
/// and prints as JSON what that took.
@main
struct BenchClient {
  private static let text = "the winged serpent of the andes speaks swift and python, at once"

  static func main() async {
    var target = ""
    var concurrency = 1
    var seconds = 1.0
    var options = ChannelOptions()
    options.loop = .own
    options.maxConnectionsPerAddress = 1
    var arguments = CommandLine.arguments.dropFirst()
    while let flag = arguments.popFirst() {
      let value = arguments.popFirst() ?? ""
      switch flag {
      case "--target": target = value
      case "--concurrency": concurrency = Int(value) ?? 1
      case "--seconds": seconds = Double(value) ?? 1
      case "--tls-ca": options.tls = ClientTLS(trust: .authorities(.file(value)))
      default:
        print(
          "usage: amaru-bench-client --target HOST:PORT [--concurrency N] [--seconds S] [--tls-ca FILE]"
        )
        exit(flag == "--help" ? 0 : 2)
      }
    }
    do {
      let channel = try ClientChannel(target, options: options)
      let client = EchoClient(channel)
      _ = try await run(client, channel, concurrency, seconds: seconds / 5)
      let before = cpuMicroseconds()
      let started = ContinuousClock.now
      var latencies = try await run(client, channel, concurrency, seconds: seconds)
      let elapsed = ContinuousClock.now - started
      let cpu = cpuMicroseconds() - before
      latencies.sort()
      let rate =
        Double(latencies.count)
        / (Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18)
      print(
        """
        {"calls": \(latencies.count), "cpu_us": \(cpu / Double(latencies.count)), "per_second": \(rate), \
        "p50_us": \(Double(latencies[latencies.count / 2]) / 1000), \
        "p99_us": \(Double(latencies[latencies.count * 99 / 100]) / 1000)}
        """)
    } catch {
      print("amaru-bench-client: \(error)")
      exit(1)
    }
  }

  /// Calls on the channel's own loop, `concurrency` at a time; gives how long each took, in nanoseconds.
  private static func run(
    _ client: EchoClient, _ channel: ClientChannel, _ concurrency: Int, seconds: Double
  ) async throws -> [UInt32] {
    try await channel.onLoop {
      let end = nanoseconds() + UInt64(seconds * 1e9)
      return try await withThrowingTaskGroup(of: [UInt32].self) { group in
        for _ in 0..<concurrency {
          group.addTask {
            var latencies: [UInt32] = []
            let request = Msg.with { $0.text = text }
            var now = nanoseconds()
            while now < end {
              guard try await client.get(request).text == text else {
                throw RPCError(.dataLoss, "the answer is another one")
              }
              let after = nanoseconds()
              latencies.append(UInt32(clamping: after - now))
              now = after
            }
            return latencies
          }
        }
        var all: [UInt32] = []
        for try await latencies in group { all += latencies }
        return all
      }
    }
  }

  private static func nanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// The CPU time of the process so far.
  private static func cpuMicroseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
  }
}
