// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux

/// Listens under a service's name for processes of the same user. Never blocks.
package final class SharedMemoryListener: Sendable {
  /// The name that others connect to.
  package let name: ServiceName
  /// The socket: readable when ``accept()`` has something to give.
  package let descriptor: Descriptor
  private let limits: PeerLimits
  private let maxSegmentBytes: Int
  private let user: UInt32

  /// Listens.
  ///
  /// - Parameters:
  ///   - limits: What this process takes from each peer.
  ///   - maxSegmentBytes: The largest segment that a peer may bring.
  /// - Throws: ``SharedMemoryError/nameInUse(name:)``, ``SharedMemoryError/system(action:code:)``.
  package convenience init(
    _ name: ServiceName, limits: PeerLimits, maxSegmentBytes: Int = 1 << 30
  ) throws(SharedMemoryError) {
    try self.init(name, limits, maxSegmentBytes, user: amaru_effective_user())
  }

  /// Listens for processes of any one user, which tests choose.
  init(
    _ name: ServiceName, _ limits: PeerLimits, _ maxSegmentBytes: Int, user: UInt32
  ) throws(SharedMemoryError) {
    let abstract = name.abstract
    let result = amaru_listen_abstract(abstract, abstract.utf8.count, 128)
    guard result != -EADDRINUSE else { throw .nameInUse(name: name.description) }
    descriptor = try Descriptor(result, "listen as \(name)")
    self.name = name
    self.limits = limits
    self.maxSegmentBytes = maxSegmentBytes
    self.user = user
  }

  /// Takes a process that has connected; nil when there is none.
  ///
  /// - Throws: ``SharedMemoryError/system(action:code:)``, for example when no more descriptors can be opened.
  package func accept() throws(SharedMemoryError) -> PendingPeer? {
    let result = amaru_accept_packets(descriptor.number)
    guard result != -EAGAIN, result != -ECONNABORTED else { return nil }
    let socket = PacketSocket(try Descriptor(result, "accept a process"))
    return PendingPeer(socket, limits, maxSegmentBytes: maxSegmentBytes, user: user)
  }
}
