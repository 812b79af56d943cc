// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// The one error that crosses the border between a handler and a caller.
///
/// Throw it from a handler to end the call with a status of your choice. Any other error that a
/// handler throws reaches the caller as ``StatusCode/unknown`` with a fixed text; its description
/// goes to the server's log and never to the peer.
public struct RPCError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The status code. ``StatusCode/ok`` here is sent as ``StatusCode/unknown``: success is not
  /// thrown.
  public var code: StatusCode
  /// What went wrong, for a person: any text, sent percent-encoded over gRPC.
  public var message: String
  /// Typed details, sent as the `details` of a `google.rpc.Status`.
  public var details: [Google_Protobuf_Any]
  /// Fields sent beside the status, as trailing metadata.
  public var metadata: Metadata

  /// Makes an error with a code and a message, and no details.
  public init(
    _ code: StatusCode, _ message: String = "", details: [Google_Protobuf_Any] = [],
    metadata: Metadata = Metadata()
  ) {
    self.code = code
    self.message = message
    self.details = details
    self.metadata = metadata
  }

  /// `CODE: message`.
  public var description: String { message.isEmpty ? code.name : "\(code.name): \(message)" }
}
