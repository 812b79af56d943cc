// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// The values that a caller sends to a function of an ``RPCEndpoint``, in order. One task at a time reads.
public struct RPCReader<Element: Decodable>: AsyncSequence, Sendable {
  public typealias Failure = any Error

  private let method: String
  private let stream: MessageStream<PackedMessage>

  init(_ method: String, _ stream: MessageStream<PackedMessage>) {
    self.method = method
    self.stream = stream
  }

  /// Takes values one by one.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let method: String
    var inner: MessageStream<PackedMessage>.AsyncIterator

    /// The next value, or nil when the caller has sent its last.
    /// - Throws: ``RPCError``: `INVALID_ARGUMENT` for a value that is no `Element`; why the call has ended.
    public mutating func next(
      isolation: isolated (any Actor)? = #isolation
    ) async throws -> Element? {
      try await inner.next(isolation: isolation)?.arguments(of: method)
    }

    /// The next value, or nil when the caller has sent its last.
    public mutating func next() async throws -> Element? { try await next(isolation: nil) }
  }

  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(method: method, inner: stream.makeAsyncIterator())
  }
}
