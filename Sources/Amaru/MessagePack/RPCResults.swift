// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// What a remote generator yields, in order. Any thread; one task at a time reads.
///
/// Taking a value gives the other side credit to send more. A stream that is let go before its end gives the call up.
public struct RPCResults<Element: Decodable>: AsyncSequence, Sendable {
  public typealias Failure = any Error

  private let method: String
  private let stream: ResponseStream<PackedMessage>

  init(_ method: String, _ stream: ResponseStream<PackedMessage>) {
    self.method = method
    self.stream = stream
  }

  /// Takes values one by one.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let method: String
    var inner: ResponseStream<PackedMessage>.AsyncIterator

    /// The next value, or nil when the generator has returned.
    /// - Throws: ``RPCError``: what the generator raised; `INTERNAL` for a value that is no `Element`.
    public mutating func next(
      isolation: isolated (any Actor)? = #isolation
    ) async throws -> Element? {
      try await inner.next(isolation: isolation)?.result(of: method)
    }

    /// The next value, or nil when the generator has returned.
    public mutating func next() async throws -> Element? { try await next(isolation: nil) }
  }

  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(method: method, inner: stream.makeAsyncIterator())
  }

  /// Gives the call up; reading throws `CANCELLED` from here on. Nothing when it has ended.
  public func cancel() async { await stream.cancel() }
}
