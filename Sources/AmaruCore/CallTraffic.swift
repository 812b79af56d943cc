// SPDX-License-Identifier: Apache-2.0

/// How much has gone over a call, after decompression and before compression.
package struct CallTraffic: Sendable, Hashable {
  /// Messages that were taken from the peer's.
  package var receivedMessages = 0
  /// Their bytes.
  package var receivedBytes = 0
  /// Messages that were written for the peer.
  package var sentMessages = 0
  /// Their bytes.
  package var sentBytes = 0

  /// Nothing yet.
  package init() {}
}
