// SPDX-License-Identifier: Apache-2.0
import Amaru

/// Makes calls one after another, or some at once, and says how long they took.
struct FaultPing {
  private let target: String
  private let calls: Int
  private let atOnce: Int

  init(_ arguments: inout Arguments) throws {
    target = try arguments.needed("--target")
    calls = max(1, try arguments.number("--calls", default: 100_000))
    atOnce = max(1, try arguments.number("--at-once", default: 1))
  }

  func run() async throws {
    let channel = try ClientChannel(target)
    let calls = calls
    let atOnce = atOnce
    let start = ContinuousClock.now
    let times = try await channel.onLoop {
      try await withThrowingTaskGroup(of: [Duration].self) { group in
        for _ in 0..<atOnce {
          group.addTask {
            var times: [Duration] = []
            for number in 0..<(calls / atOnce) {
              let start = ContinuousClock.now
              let answer = try await channel.unary(
                FaultMethods.once, .with { $0.value = Int64(number) })
              times.append(start.duration(to: .now))
              guard answer.value == Int64(number) else { throw RPCError(.internal, "wrong answer") }
            }
            return times
          }
        }
        var all: [Duration] = []
        for try await times in group { all += times }
        return all.sorted()
      }
    }
    let seconds = start.duration(to: .now) / .seconds(1)
    func nanoseconds(_ part: Int) -> Int {
      Int(times[times.count * part / 100] / .nanoseconds(1))
    }
    print(
      "{\"p50_ns\": \(nanoseconds(50)), \"p99_ns\": \(nanoseconds(99)), "
        + "\"calls_per_second\": \(Int(Double(times.count) / seconds))}")
    await channel.close()
  }
}
