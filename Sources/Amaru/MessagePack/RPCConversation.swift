// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// Sends values to a remote function, which yields others meanwhile in ``results``. Any thread.
///
/// When it and ``results`` are let go before the end, the call is given up.
public struct RPCConversation<Sent: Encodable, Received: Decodable>: Sendable {
  private let method: String
  private let stream: BidirectionalStream<PackedMessage, PackedMessage>
  /// What the function yields.
  public let results: RPCResults<Received>

  init(_ method: String, _ stream: BidirectionalStream<PackedMessage, PackedMessage>) {
    self.method = method
    self.stream = stream
    results = RPCResults(method, stream.responses)
  }

  /// Sends a value; returns when there is room for another. That is the back-pressure.
  /// - Throws: ``RPCError`` when the call has ended.
  public func write(_ value: Sent) async throws {
    try await stream.write(PackedMessage(encoding: value, of: method))
  }

  /// Says that no further value follows.
  public func finish() async throws { try await stream.finish() }

  /// Gives the call up. Nothing when it has ended.
  public func cancel() async { await stream.cancel() }
}
