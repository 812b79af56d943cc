// SPDX-License-Identifier: Apache-2.0

/// What serves the calls of a peer, and drives it. Called on the peer's thread.
package protocol SharedMemoryPeerOwner: AnyObject {
  /// The peer calls: gives what handles the call, which ``SharedMemoryStream/handler`` keeps. Only at an end that serves.
  func callBegan(_ head: CallHead, on stream: SharedMemoryStream) -> any SharedMemoryStreamHandler

  /// ``SharedMemoryPeer/flush()`` is due before this thread sleeps.
  func peerHasOutput()

  /// A call of this end has ended, so that ``SharedMemoryPeer/canOpen`` may be true again.
  func streamEnded()
}
