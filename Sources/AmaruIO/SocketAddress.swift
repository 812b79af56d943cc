// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc

/// Where a server listens: a TCP host and port, or the path of a Unix socket.
public enum SocketAddress: Sendable, Hashable, CustomStringConvertible {
  /// A host name or address and a port; port 0 lets the system choose.
  case tcp(host: String, port: UInt16)
  /// The path of a Unix socket.
  case unix(path: String)

  /// `127.0.0.1:50051`, `[::1]:50051` or `unix:/path`.
  public var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }

  /// Removes the file of a Unix socket that nobody listens on any more.
  package func removeSocketFile() { if case .unix(let path) = self { unlink(path) } }

  /// The system's form of the address, the first one that the host's name resolves to.
  func resolved() throws(IOError) -> (storage: sockaddr_storage, length: socklen_t, family: Int32) {
    var storage = sockaddr_storage()
    switch self {
    case .unix(let path):
      let bytes = Array(path.utf8)
      guard bytes.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path), !bytes.isEmpty else {
        throw IOError("use the path \(path) (1 to 107 bytes)", code: ENAMETOOLONG)
      }
      withUnsafeMutableBytes(of: &storage) { raw in
        raw.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
        raw.baseAddress!.advanced(by: MemoryLayout<sa_family_t>.size)
          .copyMemory(from: bytes, byteCount: bytes.count)
      }
      return (storage, socklen_t(MemoryLayout<sockaddr_un>.size), AF_UNIX)
    case .tcp(let host, let port):
      var hints = addrinfo()
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
      hints.ai_flags = AI_PASSIVE
      var list: UnsafeMutablePointer<addrinfo>?
      let result = getaddrinfo(host, String(port), &hints, &list)
      guard result == 0, let first = list?.pointee, let address = first.ai_addr else {
        throw IOError("find the host \(host)", reason: String(cString: gai_strerror(result)))
      }
      defer { freeaddrinfo(list) }
      withUnsafeMutableBytes(of: &storage) { raw in
        raw.baseAddress!.copyMemory(from: address, byteCount: Int(first.ai_addrlen))
      }
      return (storage, first.ai_addrlen, first.ai_family)
    }
  }
}
