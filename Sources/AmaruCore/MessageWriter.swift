// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// Sends the messages of a streaming response.
public struct MessageWriter<Element: Message>: Sendable {
  @usableFromInline let call: Call

  /// A writer of the responses of `call`.
  @inlinable
  public init(_ call: Call) { self.call = call }

  /// Sends a message; returns when there is room for another.
  ///
  /// A caller that does not read makes this wait: that is the back-pressure. Several tasks may write; each
  /// message goes out whole. May be used from any thread; from the call's own loop it costs no hop.
  /// - Throws: ``RPCError`` when the call has ended: cancelled, lost or past its deadline;
  ///   `CancellationError` when only the writing task was cancelled.
  @inlinable
  public func write(_ message: Element) async throws { try await call.write(message) }
}
