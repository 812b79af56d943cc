// SPDX-License-Identifier: Apache-2.0

/// Says why memory could not be shared, or what a peer did wrong.
package enum SharedMemoryError: Error, Hashable {
  /// A system call failed; `code` is the system's error number.
  case system(action: String, code: Int32)
  /// Sizes for a segment are outside of what the protocol allows.
  case invalidLayout(String)
  /// A service's name has a form that is not allowed.
  case invalidName(String)
  /// More bytes than one record, or one slot, may have.
  case tooLarge(bytes: Int, limit: Int)
  /// The peer wrote something into the segment that the protocol rules out; the connection is of no use any more.
  case corrupted(String)
  /// A frame inside a record is malformed, or crosses a limit.
  case malformedFrame(String)
  /// Nobody listens under the service's name.
  case noService(name: String)
  /// Another process listens under the service's name.
  case nameInUse(name: String)
  /// The peer acts for another user.
  case foreignUser(UInt32)
  /// The peer speaks another version of the protocol.
  case versionMismatch(peer: UInt32, own: UInt32)
  /// The peer's part in the handshake is wrong.
  case handshake(String)
  /// The peer refused this process, for the reason that it gave.
  case refused(Refusal, text: String)
  /// The peer is gone.
  case peerGone
}

extension SharedMemoryError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let action, let code): "cannot \(action): error \(code) of the system"
    case .invalidLayout(let text): "invalid segment: \(text)"
    case .invalidName(let text): "invalid service name: \(text)"
    case .tooLarge(let bytes, let limit): "\(bytes) bytes are more than the limit of \(limit)"
    case .corrupted(let text): "the peer damaged the shared segment: \(text)"
    case .malformedFrame(let text): "malformed frame: \(text)"
    case .noService(let name):
      "no process of this user listens as \"\(name)\" on shared memory; start the service first"
    case .nameInUse(let name): "another process listens as \"\(name)\" on shared memory already"
    case .foreignUser(let user): "the peer acts for another user, of id \(user)"
    case .versionMismatch(let peer, let own):
      "the peer speaks version \(peer) of the shared-memory protocol, this side version \(own)"
    case .handshake(let text): "the handshake failed: \(text)"
    case .refused(let refusal, let text): "the peer refused (\(refusal.name)): \(text)"
    case .peerGone: "the peer is gone"
    }
  }
}
