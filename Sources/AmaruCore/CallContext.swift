// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// What a handler knows of its call beside the messages, and what it may send beside them.
///
/// The same for every wire. May be kept and used from any thread, also after the call has ended.
public struct CallContext: Sendable {
  /// The call itself, for wires and handlers' factories.
  public let call: ServerCall

  /// The context of `call`.
  public init(_ call: ServerCall) { self.call = call }

  /// The call's name in logs: the process's prefix and a number, such as `5a0c92e1-17`. Made when first asked for.
  public var callID: String { call.id }
  /// The method that was called.
  public var method: MethodDescriptor { call.handler.method }
  /// The metadata that the caller sent.
  public var metadata: Metadata { call.metadata }
  /// When the call ends at the latest; nil for no limit.
  public var deadline: Deadline? { call.deadline }
  /// Where the caller is: `ipv4:127.0.0.1:5000`, `ipv6:[::1]:5000` or `unix:/path`.
  public var peer: String { call.peer }
  /// Who the caller proved to be by its certificate; nil without TLS, and for a caller that sent none.
  public var peerIdentity: PeerIdentity? { call.peerIdentity }
  /// Whether the caller gave up, its connection was lost or the deadline has passed. The handler's task is
  /// cancelled at the same time.
  public var isCancelled: Bool { call.isCancelled }
  /// Whether the request message last read came compressed.
  public var requestWasCompressed: Bool { call.lastMessageWasCompressed }

  /// Metadata to send before the first message. Changes after that have no effect.
  public var responseMetadata: Metadata {
    get { call.responseMetadata?.initial ?? Metadata() }
    nonmutating set { call.changeResponseMetadata { $0.initial = newValue } }
  }

  /// Metadata to send with the status.
  public var trailers: Metadata {
    get { call.responseMetadata?.trailing ?? Metadata() }
    nonmutating set { call.changeResponseMetadata { $0.trailing = newValue } }
  }

  /// Whether response messages from here on are compressed, when the caller accepts it. The server's own
  /// setting until it is set.
  public var compressesResponses: Bool? {
    get { call.responseMetadata?.compresses }
    nonmutating set { call.changeResponseMetadata { $0.compresses = newValue } }
  }

  /// Sends the response metadata now, before the first message is there.
  public func sendResponseMetadata() async {
    await call.executor.perform { [call] in
      if !call.isFinished { call.writeHead() }
    }
  }
}
