// SPDX-License-Identifier: Apache-2.0
import AmaruCore

extension RPCError {
  /// Ends a call of a connection that keeps too much of `messages` (`requests`, `responses`) for its peer.
  static func overflow(of messages: String, _ limits: Limits) -> RPCError {
    RPCError(
      .resourceExhausted,
      "the connection has more than \(limits.maxBufferedBytesPerConnection) bytes of \(messages) waiting "
        + "(maxBufferedBytesPerConnection)"
    )
  }
}
