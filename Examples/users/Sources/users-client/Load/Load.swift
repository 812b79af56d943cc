// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc
import UsersAPI

/// Calls GetUser and ListUsers, by chance, at a steady rate, whether the servers answer quickly or not.
struct Load {
  private static let maxRunning = 1000
  private static let listLimit: Int32 = 5

  let users: UserServiceClient
  let rate: Int
  let seconds: Int
  private let tally = Tally()

  init(_ users: UserServiceClient, rate: Int, seconds: Int) {
    self.users = users
    self.rate = rate
    self.seconds = seconds
  }

  /// Makes the calls, and prints a line every second and one for all.
  /// - Returns: Whether all calls succeeded.
  func run() async throws -> Bool {
    let id = try await someUser()
    let clock = ContinuousClock()
    let start = clock.now
    try await withThrowingDiscardingTaskGroup { tasks in
      tasks.addTask { await report(from: start) }
      for number in 0..<rate * seconds {
        try await clock.sleep(until: start + .nanoseconds(number * 1_000_000_000 / rate))
        guard tally.begin(limit: Self.maxRunning) else { continue }
        tasks.addTask { await call(id) }
      }
    }
    let total = tally.total
    output("in all: \(total.shown)")
    return total.failed == 0 && total.skipped == 0
  }

  /// A user to get, made where there is none.
  private func someUser() async throws -> Int64 {
    var options = CallOptions.timeout(.seconds(10))
    options.waitsForReady = true
    for try await user in try await users.listUsers(.with { $0.limit = 1 }, options: options) {
      return user.id
    }
    let created = try await users.createUser(
      .with {
        $0.name = "Load"
        $0.email = "load-\(UInt64.random(in: 0 ... .max))@example.com"
      }, options: options)
    return created.id
  }

  private func report(from start: ContinuousClock.Instant) async {
    for second in 1...seconds {
      try? await Task.sleep(until: start + .seconds(second))
      output("\(second) s: \(tally.sinceLast().shown)")
    }
  }

  private func call(_ id: Int64) async {
    // For a list with all that goes on after it broke off.
    var options = CallOptions()
    options.deadline = .after(.seconds(10))
    let info = ResponseInfo()
    options.response = info
    do {
      // By chance: in turn, each kind would meet the same servers again and again.
      if Bool.random() {
        _ = try await users.getUser(.with { $0.id = id }, options: options)
      } else {
        try await list(options)
      }
      tally.succeeded(at: info.peer)
    } catch {
      if let text = tally.failed(error) { output("failed: \(text)") }
    }
  }

  /// A list that has begun is not made again by the channel: what was received would come twice. It goes on
  /// after the last user that came.
  private func list(_ options: CallOptions) async throws {
    var (last, left) = (Int64(0), Self.listLimit)
    while left > 0 {
      do {
        let request = ListUsersRequest.with {
          $0.limit = left
          $0.afterId = last
        }
        for try await user in try await users.listUsers(request, options: options) {
          last = user.id
          left -= 1
        }
        return
      } catch let error as RPCError where error.code == .unavailable && last > 0 {
        try await Task.sleep(for: .milliseconds(100))
      }
    }
  }
}
