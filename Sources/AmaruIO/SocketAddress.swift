// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc

/// Where a server listens: a TCP host and port, the path of a Unix socket, or a name on shared memory.
public enum SocketAddress: Sendable, Hashable, CustomStringConvertible {
  /// A host name or address and a port; port 0 lets the system choose.
  case tcp(host: String, port: UInt16)
  /// The path of a Unix socket.
  case unix(path: String)
  /// A name for processes of the same user on this machine: 1 to 64 of `A-Z a-z 0-9 . _ -` (docs/shared-memory.md).
  case sharedMemory(String)

  /// `127.0.0.1:50051`, `[::1]:50051`, `unix:/path` or `shm:name`.
  public var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    case .sharedMemory(let name): "shm:\(name)"
    }
  }

  /// Removes the file of a Unix socket that nobody listens on any more.
  package func removeSocketFile() { if case .unix(let path) = self { unlink(path) } }

  /// The system's form of the address, the first one that the host's name resolves to.
  func resolved() throws(IOError) -> ResolvedAddress {
    switch self {
    case .unix(let path): return try ResolvedAddress(unixPath: path)
    case .sharedMemory(let name): return ResolvedAddress(sharedMemory: name)
    case .tcp(let host, let port):
      guard let first = try ResolvedAddress.lookUp(host: host, port: port, flags: AI_PASSIVE).first
      else { throw IOError("find the host \(host)", reason: "it has no address") }
      return first
    }
  }
}
