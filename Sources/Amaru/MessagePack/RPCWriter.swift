// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// Sends the results of a function of an ``RPCEndpoint``. Any thread.
public struct RPCWriter<Element: Encodable>: Sendable {
  private let method: String
  private let writer: MessageWriter<PackedMessage>

  init(_ method: String, _ writer: MessageWriter<PackedMessage>) {
    self.method = method
    self.writer = writer
  }

  /// Sends a value; returns when there is room for another. That is the back-pressure.
  /// - Throws: ``RPCError`` when the call has ended.
  public func write(_ value: Element) async throws {
    try await writer.write(PackedMessage(encoding: value, of: method))
  }
}
