// SPDX-License-Identifier: Apache-2.0

/// A call that no handler sees.
package struct CallRefusal {
  /// What was called, as the peer wrote it.
  package let path: String
  /// Where the caller is.
  package let peer: String
  /// What the caller's library calls itself.
  package let userAgent: String?
  /// What it was told.
  package let error: RPCError

  package init(path: String, peer: String, userAgent: String?, error: RPCError) {
    self.path = path
    self.peer = peer
    self.userAgent = userAgent
    self.error = error
  }
}
