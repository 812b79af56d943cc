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
