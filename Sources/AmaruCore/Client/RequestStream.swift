// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// Sends the messages of a call that has one response. Any thread.
///
/// One that is let go before ``finish()`` gives the call up.
public struct RequestStream<Request: Message, Response: Message>: Sendable {
  private let handle: CallHandle
  private let replay: RequestReplay<Request>

  init(_ handle: CallHandle, _ replay: RequestReplay<Request>) {
    self.handle = handle
    self.replay = replay
  }

  /// Sends a message; returns when there is room for another. That is the back-pressure.
  ///
  /// - Parameter compressed: Whether the message is compressed, where ``CallOptions/compression`` names a coding.
  /// - Throws: ``RPCError`` when the call has ended, with what the server said.
  public func write(_ message: Request, compressed: Bool = true) async throws {
    try await handle.perform { [replay] call in
      call.compressesMessages = compressed
      try await call.write(message)
      replay.sent(message, isCompressed: compressed, on: call)
    }
  }

  /// Says that no further message follows, and gives the response.
  /// - Throws: ``RPCError`` when the call has failed.
  public func finish() async throws -> Response {
    try await handle.perform { [handle] call in
      call.writeEnd()
      let response = try await call.singleResponse(Response.self)
      handle.ended()
      return response
    }
  }
}
