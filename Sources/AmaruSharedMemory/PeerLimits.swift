// SPDX-License-Identifier: Apache-2.0

/// What one end of a connection takes from the other, told in the handshake.
package struct PeerLimits: Hashable, Sendable {
  /// Bytes of one message, at most.
  package var maxMessageBytes: UInt64
  /// Calls that may be open at once; 0 from an end that serves none.
  package var maxConcurrentCalls: UInt32

  /// Limits of one end.
  package init(maxMessageBytes: UInt64, maxConcurrentCalls: UInt32) {
    self.maxMessageBytes = maxMessageBytes
    self.maxConcurrentCalls = maxConcurrentCalls
  }
}
