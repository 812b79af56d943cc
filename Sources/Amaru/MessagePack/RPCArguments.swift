// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// Sends values to a remote function that gives one result. Any thread.
///
/// One that is let go before ``finish(as:)`` gives the call up.
public struct RPCArguments<Element: Encodable>: Sendable {
  private let method: String
  private let stream: RequestStream<PackedMessage, PackedMessage>

  init(_ method: String, _ stream: RequestStream<PackedMessage, PackedMessage>) {
    self.method = method
    self.stream = stream
  }

  /// Sends a value; returns when there is room for another. That is the back-pressure.
  /// - Throws: ``RPCError`` when the call has ended.
  public func write(_ value: Element) async throws {
    try await stream.write(PackedMessage(encoding: value, of: method))
  }

  /// Says that no further value follows, and gives the result.
  /// - Throws: ``RPCError``: what the function raised; `INTERNAL` when the result is no `Result`.
  public func finish<Result: Decodable>(as type: Result.Type = Result.self) async throws -> Result {
    try await stream.finish().result(of: method)
  }
}
