// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc

/// An address that the system can connect to.
package struct ResolvedAddress: Sendable, Hashable, CustomStringConvertible {
  private let storage: PeerAddress
  private let length: socklen_t
  let family: Int32
  /// As gRPC names addresses: `ipv4:127.0.0.1:5000`, `ipv6:[::1]:5000`, `unix:/path` or `shm:name`.
  package let description: String
  /// The name on shared memory; nil where sockets are connected.
  package let sharedMemoryName: String?

  package static func == (left: ResolvedAddress, right: ResolvedAddress) -> Bool {
    left.description == right.description
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(description) }

  /// Whether it leads to this machine itself: a Unix socket or a loopback address (RFC 1122 3.2.1.3, RFC 4291 2.5.3).
  package var isLocal: Bool {
    guard case .tcp(let host, _) = socketAddress else { return true }
    return host.hasPrefix("127.") || host == "::1" || host.hasPrefix("::ffff:127.")
  }

  /// Whether it is of IPv6.
  package var isIPv6: Bool { family == AF_INET6 }

  /// The path of a Unix socket, 1 to 107 bytes.
  package init(unixPath path: String) throws(IOError) {
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path), !bytes.isEmpty else {
      throw IOError("use the path \(path) (1 to 107 bytes)", code: ENAMETOOLONG)
    }
    var storage = sockaddr_storage()
    withUnsafeMutableBytes(of: &storage) { raw in
      raw.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
      raw.baseAddress!.advanced(by: MemoryLayout<sa_family_t>.size)
        .copyMemory(from: bytes, byteCount: bytes.count)
    }
    self.storage = PeerAddress(storage)
    length = socklen_t(MemoryLayout<sockaddr_un>.size)
    family = AF_UNIX
    sharedMemoryName = nil
    description = "unix:\(path)"
  }

  /// A name on shared memory, which no socket of the system's is connected to.
  package init(sharedMemory name: String) {
    storage = PeerAddress(sockaddr_storage())
    length = 0
    family = AF_UNSPEC
    sharedMemoryName = name
    description = "shm:\(name)"
  }

  private init(_ storage: sockaddr_storage, _ length: socklen_t, _ family: Int32) {
    self.storage = PeerAddress(storage)
    self.length = length
    self.family = family
    sharedMemoryName = nil
    description = self.storage.description
  }

  /// A connection inside this process, which no system call makes.
  package static let sameProcess = ResolvedAddress(sockaddr_storage(), 0, AF_UNSPEC)

  /// Every address of `host`, in the system's order (RFC 6724). Blocks while the system asks.
  ///
  /// - Parameter isNumeric: Whether `host` must be an address, so that nobody is asked.
  package static func lookUp(
    host: String, port: UInt16, isNumeric: Bool = false
  ) throws(IOError) -> [ResolvedAddress] {
    try lookUp(host: host, port: port, flags: isNumeric ? AI_NUMERICHOST : AI_ADDRCONFIG)
  }

  /// - Parameter flags: Those of getaddrinfo(3).
  static func lookUp(
    host: String, port: UInt16, flags: Int32
  ) throws(IOError) -> [ResolvedAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = flags
    var list: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(host, String(port), &hints, &list)
    guard result == 0 else {
      throw IOError("find the host \(host)", reason: String(cString: gai_strerror(result)))
    }
    defer { freeaddrinfo(list) }
    var addresses: [ResolvedAddress] = []
    var next = list
    while let entry = next?.pointee {
      next = entry.ai_next
      guard let address = entry.ai_addr,
        Int(entry.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size
      else { continue }
      var storage = sockaddr_storage()
      withUnsafeMutableBytes(of: &storage) { raw in
        raw.baseAddress!.copyMemory(from: address, byteCount: Int(entry.ai_addrlen))
      }
      let found = ResolvedAddress(storage, entry.ai_addrlen, entry.ai_family)
      if !addresses.contains(found) { addresses.append(found) }
    }
    return addresses
  }

  /// Every address of `address`: one, where its host is an address.
  package static func of(_ address: SocketAddress) throws(IOError) -> [ResolvedAddress] {
    switch address {
    case .tcp(let host, let port): try lookUp(host: host, port: port, isNumeric: true)
    case .unix, .sharedMemory: [try address.resolved()]
    }
  }

  /// Calls `body` with the system's form of the address and its length.
  func withSystemAddress<Result>(
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    storage.withSystemAddress { body($0, length) }
  }

  /// The same as host and port; nil for a Unix socket.
  package var socketAddress: SocketAddress? { storage.tcp }
}
