// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// The messages that a caller sends, in order.
///
/// Taking a message gives the caller credit to send more; a handler that does not read holds its caller
/// back. A message that is there already is returned without a suspension. One task at a time reads.
public struct MessageStream<Element: Message>: AsyncSequence, Sendable {
  public typealias Failure = any Error

  @usableFromInline let call: Call

  /// The messages of `call`.
  @inlinable
  public init(_ call: Call) { self.call = call }

  /// Takes messages one by one.
  public struct AsyncIterator: AsyncIteratorProtocol {
    @usableFromInline let call: Call

    @inlinable
    init(call: Call) { self.call = call }

    /// The next message, or nil when the caller has sent its last.
    /// - Throws: ``RPCError`` when the call was cancelled, its deadline has passed, or the message is
    ///   malformed or over the limit; `CancellationError` when only the reading task was cancelled.
    @inlinable
    public mutating func next(
      isolation: isolated (any Actor)? = #isolation
    ) async throws -> Element? {
      if call.executor.isCurrent, !call.wasCancelled,
        let message = try call.takeDecoded(Element.self)
      {
        return message
      }
      return try await call.nextMessage(Element.self)
    }

    /// The next message, or nil when the caller has sent its last.
    @inlinable
    public mutating func next() async throws -> Element? { try await next(isolation: nil) }
  }

  @inlinable
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(call: call) }
}
