// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux

/// What both ends hold after the handshake.
///
/// When it is gone, so is everything: the segment has no name, and the socket's end tells the peer.
package final class SharedMemoryConnection: Sendable {
  /// Rings and slots.
  package let segment: Segment
  /// Where this end writes: requests at the end that connected.
  package let outgoing: Direction
  /// The socket of the handshake, which stays open: its end is the peer's.
  package let socket: PacketSocket
  /// Where this end sleeps.
  package let doorbell: Doorbell
  /// Where the peer sleeps.
  package let peerDoorbell: Doorbell
  /// A pidfd of the peer: readable when its process has ended, though a forked child may hold the socket.
  package let peerProcess: Descriptor
  /// What the peer takes.
  package let peerLimits: PeerLimits

  init(
    segment: Segment, outgoing: Direction, socket: PacketSocket, doorbell: Doorbell,
    peerDoorbell: Doorbell, peerProcess: Descriptor, peerLimits: PeerLimits
  ) {
    self.segment = segment
    self.outgoing = outgoing
    self.socket = socket
    self.doorbell = doorbell
    self.peerDoorbell = peerDoorbell
    self.peerProcess = peerProcess
    self.peerLimits = peerLimits
  }

  /// Where this end reads.
  package var incoming: Direction { outgoing == .request ? .response : .request }

  /// The number of the peer's process; 0 when the system does not say.
  package var peerProcessID: Int32 {
    var user: UInt32 = 0
    var process: Int32 = 0
    _ = amaru_peer_credentials(socket.descriptor.number, &user, &process)
    return process
  }

  /// Whether the peer has ended, or closed its socket. Does not wait.
  package var isPeerGone: Bool {
    amaru_wait_for_end(socket.descriptor.number, peerProcess.number, 0) != 0
  }

  /// Checks the descriptors that a peer passes: its doorbell, and itself.
  static func peerDescriptors(
    _ descriptors: ArraySlice<Descriptor>
  ) throws(SharedMemoryError) -> (Doorbell, Descriptor) {
    guard descriptors.count == 2, let doorbell = descriptors.first, let process = descriptors.last
    else { throw .handshake("a packet with a wrong number of descriptors") }
    guard amaru_descriptor_kind(process.number) == Int32(AMARU_PIDFD) else {
      throw .handshake("the peer's process is no pidfd")
    }
    return (try Doorbell(peer: doorbell), process)
  }

  /// A pidfd of this process, to be passed.
  static func ownProcess() throws(SharedMemoryError) -> Descriptor {
    try Descriptor(amaru_own_pidfd(), "open a descriptor of this process")
  }
}
