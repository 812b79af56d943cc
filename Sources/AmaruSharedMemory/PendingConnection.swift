// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux

/// A connection to a service, whose answer to the hello is due.
package final class PendingConnection: Sendable {
  /// Readable when ``receive()`` should be called.
  package let socket: PacketSocket
  private let segment: Segment
  private let doorbell: Doorbell

  /// Connects to a service of the same user, and sends the hello with a new segment.
  ///
  /// - Throws: ``SharedMemoryError/noService(name:)``, ``SharedMemoryError/foreignUser(_:)``,
  ///   ``SharedMemoryError/system(action:code:)``.
  package convenience init(
    _ name: ServiceName, layout: SegmentLayout, limits: PeerLimits
  ) throws(SharedMemoryError) {
    try self.init(
      name, Segment(layout), HandshakePacket(limits: limits), user: amaru_effective_user())
  }

  /// Connects with a segment and a hello that tests choose.
  init(
    _ name: ServiceName, _ segment: Segment, _ hello: HandshakePacket, user: UInt32
  ) throws(SharedMemoryError) {
    socket = try PacketSocket(to: name)
    // Any user may take a name: the descriptors go to the own user only.
    let peer = try socket.peerUser()
    guard peer == user else { throw .foreignUser(peer) }
    self.segment = segment
    doorbell = try Doorbell()
    try socket.send(
      hello.bytes,
      [segment.descriptor, doorbell.descriptor, SharedMemoryConnection.ownProcess()])
  }

  /// Reads the answer; nil when it is not there yet.
  ///
  /// - Throws: ``SharedMemoryError/refused(_:text:)``, ``SharedMemoryError/versionMismatch(peer:own:)``,
  ///   ``SharedMemoryError/handshake(_:)``, ``SharedMemoryError/peerGone``; drop this object then.
  package func receive() throws(SharedMemoryError) -> SharedMemoryConnection? {
    guard let packet = try socket.receive(HandshakePacket.maxBytes) else { return nil }
    let answer = try HandshakePacket(packet.bytes)
    if let refusal = answer.refusal { throw .refused(refusal, text: answer.text) }
    let (peerDoorbell, peerProcess) = try SharedMemoryConnection.peerDescriptors(
      packet.descriptors[...])
    return SharedMemoryConnection(
      segment: segment, outgoing: .request, socket: socket, doorbell: doorbell,
      peerDoorbell: peerDoorbell, peerProcess: peerProcess, peerLimits: answer.limits)
  }
}
