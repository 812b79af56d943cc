// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// Sends the messages of a call, whose responses come beside it in ``responses``. Any thread.
///
/// When it and ``responses`` are let go before the end, the call is given up.
public struct BidirectionalStream<Request: Message, Response: Message>: Sendable {
  private let handle: CallHandle
  private let replay: RequestReplay<Request>
  /// What the server sends.
  public let responses: ResponseStream<Response>

  init(_ handle: CallHandle, _ replay: RequestReplay<Request>) {
    self.handle = handle
    self.replay = replay
    responses = ResponseStream(handle)
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

  /// Says that no further message follows.
  public func finish() async throws {
    try await handle.perform { [replay] call in
      call.writeEnd()
      replay.ended()
    }
  }

  /// Gives the call up. Nothing when it has ended.
  public func cancel() async { await responses.cancel() }
}
