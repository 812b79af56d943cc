// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc

/// The other end of a connection, kept as the system gave it and made text only when asked for.
package struct PeerAddress: Sendable {
  private let storage: sockaddr_storage

  init(_ storage: sockaddr_storage) { self.storage = storage }

  /// The other end of a connection inside this process.
  package static let sameProcess = PeerAddress(sockaddr_storage())

  /// `ipv4:127.0.0.1:5000`, `ipv6:[::1]:5000` or `unix:`, as gRPC's `naming.md` writes addresses; `inproc:` for
  /// a connection inside this process.
  package var description: String {
    guard let tcp else {
      return Int32(storage.ss_family) == AF_UNSPEC ? "inproc:" : "unix:"
    }
    return Int32(storage.ss_family) == AF_INET ? "ipv4:\(tcp)" : "ipv6:\(tcp)"
  }

  /// The address and port of TCP; nil for a Unix socket.
  var tcp: SocketAddress? {
    var storage = storage
    return withUnsafeBytes(of: &storage) { raw in
      switch Int32(raw.load(as: sockaddr.self).sa_family) {
      case AF_INET:
        let address = raw.load(as: sockaddr_in.self)
        var ip = address.sin_addr
        return .tcp(host: Self.text(AF_INET, &ip), port: UInt16(bigEndian: address.sin_port))
      case AF_INET6:
        let address = raw.load(as: sockaddr_in6.self)
        var ip = address.sin6_addr
        return .tcp(host: Self.text(AF_INET6, &ip), port: UInt16(bigEndian: address.sin6_port))
      default: return nil
      }
    }
  }

  /// Calls `body` with the system's form of the address.
  func withSystemAddress<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
    }
  }

  /// The text of the system's form of an IP address.
  package static func text(_ family: Int32, _ address: UnsafeRawPointer) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
      guard inet_ntop(family, address, buffer.baseAddress!, socklen_t(buffer.count)) != nil else {
        return "?"
      }
      return String(cString: buffer.baseAddress!)
    }
  }
}
