// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Ports below the range from which the system gives out its own.
package enum FreePort {
  private static let last = Mutex(UInt16(20_000 + Int(getpid()) * 97 % 12_000))

  /// A TCP port of 127.0.0.1 that nobody listens on now, another one with each call.
  package static func next() -> UInt16 {
    while true {
      let port = last.withLock { last in
        last = last >= 32_000 ? 20_000 : last + 1
        return last
      }
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      if withAddress(port, { bind(descriptor, $0, $1) }) == 0 { return port }
    }
  }

  /// Calls `body` with the address of `port` on this machine.
  package static func withAddress<Result>(
    _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}

/// A path for a Unix socket or a file that is not there yet.
package func freePath() -> String {
  "/tmp/amaru-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
}
