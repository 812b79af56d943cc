// SPDX-License-Identifier: Apache-2.0

/// A process that has connected to a listener, and whose hello is due.
package final class PendingPeer: Sendable {
  /// Readable when ``receive()`` should be called.
  package let socket: PacketSocket
  /// The process that has connected, by its number at that time.
  package let processID: Int32
  private let limits: PeerLimits
  private let maxSegmentBytes: Int
  private let user: UInt32

  init(_ socket: PacketSocket, _ limits: PeerLimits, maxSegmentBytes: Int, user: UInt32) {
    self.socket = socket
    processID = socket.peerProcessID
    self.limits = limits
    self.maxSegmentBytes = maxSegmentBytes
    self.user = user
  }

  /// Reads the hello and answers it; nil when it is not there yet.
  ///
  /// - Throws: Why the process is refused, which it was told; drop this object then.
  package func receive() throws(SharedMemoryError) -> SharedMemoryConnection? {
    do throws(SharedMemoryError) {
      let peer = try socket.peerUser()
      guard peer == user else { throw .foreignUser(peer) }
      guard let packet = try socket.receive(HandshakePacket.maxBytes) else { return nil }
      return try greet(packet)
    } catch {
      if let refusal = Self.refusal(for: error) {
        let answer = HandshakePacket(refusal: refusal, limits: limits, text: "\(error)")
        try? socket.send(answer.bytes, [])
      }
      throw error
    }
  }

  private func greet(
    _ packet: PacketSocket.Packet
  ) throws(SharedMemoryError) -> SharedMemoryConnection {
    let hello = try HandshakePacket(packet.bytes)
    guard hello.refusal == nil, hello.text.isEmpty else {
      throw .handshake("a hello that refuses")
    }
    guard let memory = packet.descriptors.first else {
      throw .handshake("a packet with a wrong number of descriptors")
    }
    let (peerDoorbell, peerProcess) = try SharedMemoryConnection.peerDescriptors(
      packet.descriptors.dropFirst())
    let segment = try Segment(attaching: memory, maxBytes: maxSegmentBytes)
    let doorbell = try Doorbell()
    try socket.send(
      HandshakePacket(limits: limits).bytes,
      [doorbell.descriptor, SharedMemoryConnection.ownProcess()])
    return SharedMemoryConnection(
      segment: segment, outgoing: .response, socket: socket, doorbell: doorbell,
      peerDoorbell: peerDoorbell, peerProcess: peerProcess, peerLimits: hello.limits)
  }

  /// What a process is told of an error; nil when there is nobody to tell.
  private static func refusal(for error: SharedMemoryError) -> Refusal? {
    switch error {
    case .peerGone: nil
    case .versionMismatch: .version
    case .invalidLayout: .segment
    case .foreignUser: .user
    case .system: .busy
    default: .malformed
    }
  }
}
