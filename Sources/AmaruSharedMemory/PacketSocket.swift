// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux

/// A connected Unix socket that carries packets and descriptors, and never blocks.
package final class PacketSocket: Sendable {
  /// The socket: readable when a packet is there or the peer has closed it.
  package let descriptor: Descriptor

  /// A packet with the descriptors that came with it.
  struct Packet {
    let bytes: [UInt8]
    let descriptors: [Descriptor]
  }

  init(_ descriptor: Descriptor) { self.descriptor = descriptor }

  /// Connects to a service.
  ///
  /// - Throws: ``SharedMemoryError/noService(name:)``, ``SharedMemoryError/system(action:code:)``.
  convenience init(to name: ServiceName) throws(SharedMemoryError) {
    let abstract = name.abstract
    let result = amaru_connect_abstract(abstract, abstract.utf8.count)
    guard result != -ECONNREFUSED, result != -ENOENT else {
      throw .noService(name: name.description)
    }
    self.init(try Descriptor(result, "connect to \(name)"))
  }

  /// The other end's user.
  func peerUser() throws(SharedMemoryError) -> UInt32 {
    var user: UInt32 = 0
    var process: Int32 = 0
    let result = amaru_peer_credentials(descriptor.number, &user, &process)
    guard result == 0 else { throw .system(action: "ask who the peer is", code: -result) }
    return user
  }

  /// The other end's process, by its number when it connected or began to listen; 0 when the system does not say.
  var peerProcessID: Int32 {
    var user: UInt32 = 0
    var process: Int32 = 0
    _ = amaru_peer_credentials(descriptor.number, &user, &process)
    return process
  }

  /// Sends a packet. The few of a handshake fit into any socket's buffer.
  func send(_ bytes: [UInt8], _ descriptors: [Descriptor]) throws(SharedMemoryError) {
    let numbers = descriptors.map(\.number)
    let result = withExtendedLifetime(descriptors) {
      amaru_send_packet(descriptor.number, bytes, bytes.count, numbers, numbers.count)
    }
    guard result >= 0 else {
      throw Self.isGone(result) ? .peerGone : .system(action: "send a packet", code: Int32(-result))
    }
  }

  /// Receives a packet of at most `limit` bytes; nil when none is there yet.
  ///
  /// - Throws: ``SharedMemoryError/peerGone``; ``SharedMemoryError/handshake(_:)`` when the packet is longer, or has
  ///   more than 8 descriptors.
  func receive(_ limit: Int) throws(SharedMemoryError) -> Packet? {
    var numbers = [Int32](repeating: -1, count: Int(AMARU_MAX_DESCRIPTORS))
    var count = 0
    var result: Int64 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
      result = amaru_receive_packet(
        descriptor.number, buffer.baseAddress, limit, &numbers, &count)
      filled = max(0, Int(result))
    }
    let descriptors = numbers.prefix(count).map { Descriptor($0) }
    switch result {
    case 1...: return Packet(bytes: bytes, descriptors: descriptors)
    case 0: throw .peerGone
    case -Int64(EAGAIN): return nil
    case -Int64(EMSGSIZE): throw .handshake("a packet that is too long")
    default:
      throw Self.isGone(result)
        ? .peerGone : .system(action: "receive a packet", code: Int32(-result))
    }
  }

  private static func isGone(_ result: Int64) -> Bool {
    result == -Int64(EPIPE) || result == -Int64(ECONNRESET)
  }
}
