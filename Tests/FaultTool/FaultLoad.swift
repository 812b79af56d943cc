// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc
import Synchronization

/// Makes calls at a steady rate, whatever becomes of those before.
struct FaultLoad {
  private let channel: ClientChannel
  private let rate: Int
  private let seconds: Int
  private let timeout: Duration
  private let isMixed: Bool

  init(_ arguments: inout Arguments) throws {
    rate = max(1, try arguments.number("--rate", default: 1000))
    seconds = try arguments.number("--seconds", default: 3)
    timeout = .milliseconds(try arguments.number("--timeout", default: 2000))
    isMixed = arguments.text("--mixed") != nil
    var options = ChannelOptions()
    options.backoff = Backoff(initial: .milliseconds(50), maximum: .milliseconds(500))
    switch arguments.text("--balancer") {
    case "round_robin": options.loadBalancer = RoundRobin()
    case "least_requests": options.loadBalancer = LeastRequests()
    case nil, "pick_first": break
    default: throw Arguments.Malformed(description: "there is no such balancer")
    }
    if let path = arguments.text("--config") {
      options.serviceConfig = try ServiceConfig(json: try Self.contents(path))
    }
    if let interval = arguments.text("--keepalive") {
      options.keepalive = Keepalive(
        interval: .milliseconds(Int(interval) ?? 100), timeout: .milliseconds(Int(interval) ?? 100))
    }
    if arguments.text("--breaker") != nil {
      var breaker = CircuitBreaker()
      breaker.failureRate = 0.2
      breaker.openTime = .seconds(60)
      options.circuitBreaker = breaker
    }
    if let authorities = arguments.text("--tls-ca") {
      options.tls = ClientTLS(trust: .authorities(.file(authorities)))
    }
    channel = try ClientChannel(try arguments.needed("--target"), options: options)
  }

  func run() async throws {
    let outcome = Outcome()
    let start = ContinuousClock.now
    await withDiscardingTaskGroup { group in
      let count = rate * seconds
      for number in 0..<count {
        let due = start + .nanoseconds(1_000_000_000 / rate * number)
        if due > .now { try? await Task.sleep(until: due) }
        if number % rate == 0 {
          print("second \(number / rate)")
          fflush(nil)
        }
        group.addTask {
          if isMixed, number % 4 > 1 {
            await stream(number, outcome)
          } else {
            await call(number, outcome)
          }
        }
      }
    }
    print(outcome.json)
    await channel.close()
  }

  private func call(_ number: Int, _ outcome: Outcome) async {
    let method = number % 2 == 0 ? FaultMethods.once : FaultMethods.again
    let started = ContinuousClock.now
    do {
      let answer = try await channel.unary(
        method, .with { $0.value = Int64(number) }, .timeout(timeout))
      outcome.note(
        number, method.descriptor.name, answer.value == Int64(number) ? "OK" : "WRONG",
        after: started.duration(to: .now), of: timeout)
    } catch {
      let failure = error as? RPCError
      outcome.note(
        number, method.descriptor.name, failure?.code.name ?? "\(error)",
        after: started.duration(to: .now), of: timeout, message: failure?.message)
    }
  }

  /// A call with streams: every other one is given up in its midst.
  private func stream(_ number: Int, _ outcome: Outcome) async {
    let started = ContinuousClock.now
    let method = number % 4 == 2 ? FaultMethods.chat : FaultMethods.count
    do {
      var code = "OK"
      if number % 4 == 2 {
        let chat = try await channel.bidirectional(method, .timeout(timeout))
        var replies = chat.responses.makeAsyncIterator()
        for value in 0..<20 {
          try await chat.write(.with { $0.value = Int64(value) })
          if try await replies.next()?.value != Int64(value) { code = "WRONG" }
          if number % 8 == 2, value == 10 { await chat.cancel() }
        }
        try await chat.finish()
        if try await replies.next() != nil { code = "WRONG" }
      } else {
        var expected: Int64 = 0
        for try await value in try await channel.serverStreaming(
          method, .with { $0.value = 100 }, .timeout(timeout))
        {
          if value.value != expected { code = "WRONG" }
          expected += 1
          // The stream is let go.
          if number % 8 == 3, expected == 50 { break }
        }
      }
      outcome.note(
        number, method.descriptor.name, code, after: started.duration(to: .now), of: timeout)
    } catch {
      let failure = error as? RPCError
      outcome.note(
        number, method.descriptor.name, failure?.code.name ?? "\(error)",
        after: started.duration(to: .now), of: timeout, message: failure?.message)
    }
  }

  private static func contents(_ path: String) throws -> String {
    guard let file = fopen(path, "r") else {
      throw Arguments.Malformed(description: "cannot read \(path)")
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
