// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What a server sends beside its messages. Put one into ``CallOptions/response``. Any thread.
public final class ResponseInfo: Sendable {
  private struct Contents {
    var metadata = Metadata()
    var trailers = Metadata()
    var peer = ""
    var wasCompressed = false
  }

  private let contents = Mutex(Contents())

  /// One that is filled when its call has ended.
  public init() {}

  /// The metadata that came before the first message.
  public var metadata: Metadata { contents.withLock { $0.metadata } }
  /// The metadata that came with the status.
  public var trailers: Metadata { contents.withLock { $0.trailers } }
  /// The server that answered, as gRPC names addresses; empty when there was none.
  public var peer: String { contents.withLock { $0.peer } }

  /// Whether the last message came compressed.
  public var lastMessageWasCompressed: Bool { contents.withLock { $0.wasCompressed } }

  /// Takes over what `call` has.
  @usableFromInline
  func fill(from call: ClientCall) {
    contents.withLock {
      $0 = Contents(
        metadata: call.initialMetadata ?? Metadata(), trailers: call.trailers, peer: call.peer,
        wasCompressed: call.lastMessageWasCompressed)
    }
  }
}
