// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// What one record says about one call.
///
/// The record's kind tells which frame it is, its flags where a payload is. Every body begins with the
/// call's id. Source: `docs/protocols/shared-memory.md`, "Frames".
package enum Frame: Hashable, Sendable {
  /// Begins a call; only from the end that connected.
  case call(id: UInt64, CallHead)
  /// A message of the call, or a piece of one: with `more`, the next one of this call and direction goes on with it.
  case message(id: UInt64, Payload, more: Bool = false)
  /// The sender has no more messages; only from the caller.
  case end(id: UInt64)
  /// What the handler sends before its first message; only from the handler.
  case head(id: UInt64, Metadata)
  /// Ends the call; only from the handler.
  case status(id: UInt64, CallStatus)
  /// The caller gives the call up.
  case cancel(id: UInt64)
  /// The receiver has room for that many more bytes of messages.
  case credit(id: UInt64, bytes: UInt64)

  /// The call's id: chosen by the caller, counted up from 1, never used twice on a connection.
  package var id: UInt64 {
    switch self {
    case .call(let id, _), .message(let id, _, _), .end(let id), .head(let id, _),
      .status(let id, _),
      .cancel(let id), .credit(let id, _):
      id
    }
  }
}
