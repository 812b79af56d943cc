// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Glibc
import Testing

/// What a server does when the process has no file descriptors left; in a process of its own.
struct DescriptorTests {
  @Test func withoutDescriptorsConnectionsAreRefusedAndServedAgainLater() async {
    await #expect(processExitsWith: .success) {
      try await withServer { _, port in
        let first = try client(port)
        let opened = first.call("Unary", "x").status == 0
        var limit = rlimit()
        getrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = 100
        setrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit)
        let waiting = (0..<20).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        var used: [Int32] = []
        while case let copy = dup(0), copy >= 0 { used.append(copy) }
        // No descriptor is left: each is accepted with the one in reserve and closed.
        var refused = 0
        for descriptor in waiting {
          let result = FreePort.withAddress(port) { connect(descriptor, $0, $1) }
          var byte: UInt8 = 0
          if result == 0, recv(descriptor, &byte, 1, 0) <= 0 { refused += 1 }
        }
        let still = first.call("Unary", "y").texts == ["y"]
        for copy in used + waiting { close(copy) }
        let after = try client(port).call("Unary", "z").texts == ["z"]
        guard opened, refused == 20, still, after else {
          print(opened, refused, still, after)
          exit(1)
        }
      }
    }
  }

  /// Both ends are in one process: 10,000 connections need 20,000 descriptors and some.
  @Test func tenThousandIdleConnectionsAreServedWhenTheyWake() async {
    await #expect(processExitsWith: .success) {
      var limit = rlimit()
      getrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit)
      limit.rlim_cur = limit.rlim_max
      setrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit)
      let count = min(10_000, (Int(clamping: limit.rlim_cur) - 200) / 2)
      try await withServer { _, port in
        let clients = try (0..<count).map { _ in try client(port) }
        for client in clients { client.ping() }
        for (number, client) in clients.enumerated() where number % 97 == 0 {
          guard client.call("Unary", "\(number)").texts == ["\(number)"] else { exit(1) }
        }
        guard clients.allSatisfy({ $0.peer.goAways.isEmpty && !$0.isClosed }) else { exit(2) }
      }
    }
  }
}
