// SPDX-License-Identifier: Apache-2.0

/// Sees the calls of one loop begin and end, whatever their wire. Confined to the loop.
///
/// Metrics and access logs are made of it. A loop without one pays nothing for it.
package protocol CallObserver: AnyObject {
  /// A call that has a handler was accepted.
  func callBegan(_ call: ServerCall)
  /// A call for which ``callBegan(_:)`` was called has its status; nil for success. Once for each.
  func callEnded(_ call: ServerCall, _ error: RPCError?)
  /// A call was refused that no handler sees. For such a one nothing else is called.
  func callRefused(_ refusal: CallRefusal)
}

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
