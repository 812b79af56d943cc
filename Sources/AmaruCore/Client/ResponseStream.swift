// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// The messages that a server sends, in order. Any thread; one task at a time reads.
///
/// Taking a message gives the server credit to send more: a caller that does not read holds it back. A stream
/// that is let go before its end gives the call up.
public struct ResponseStream<Element: Message>: AsyncSequence, Sendable {
  public typealias Failure = any Error

  private let handle: CallHandle

  init(_ handle: CallHandle) { self.handle = handle }

  /// Takes messages one by one.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let handle: CallHandle

    /// The next message, or nil when the server has sent its last and the call has succeeded.
    /// - Throws: ``RPCError`` when the call has failed; `CANCELLED` when the reading task was cancelled, which
    ///   gives the call up.
    public mutating func next(
      isolation: isolated (any Actor)? = #isolation
    ) async throws -> Element? {
      let call = handle.call
      if call.executor.isCurrent, !call.wasCancelled,
        let message = try call.takeDecoded(Element.self)
      {
        return message
      }
      return try await handle.next(Element.self)
    }

    /// The next message, or nil when the server has sent its last.
    public mutating func next() async throws -> Element? { try await next(isolation: nil) }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(handle: handle) }

  /// The metadata that the server sends before its messages, waiting for it.
  public var metadata: Metadata {
    get async throws { try await handle.perform { try await $0.waitForHead() } }
  }

  /// The metadata that came with the status; empty before the stream has ended.
  public var trailers: Metadata {
    get async throws { try await handle.perform { $0.trailers } }
  }

  /// Whether the message last taken came compressed.
  public var lastMessageWasCompressed: Bool {
    get async throws { try await handle.perform { $0.lastMessageWasCompressed } }
  }

  /// Gives the call up; reading throws `CANCELLED` from here on. Nothing when it has ended.
  public func cancel() async { _ = try? await handle.perform { $0.abandon() } }
}

extension CallHandle {
  /// The next message; nil at the end of a call that has succeeded.
  fileprivate func next<M: Message>(_ type: M.Type) async throws -> M? {
    try await perform { [self] call in
      if let message = try await call.nextMessage(type) { return message }
      if let failure = call.failure { throw failure }
      ended()
      return nil
    }
  }
}
