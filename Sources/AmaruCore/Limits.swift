// SPDX-License-Identifier: Apache-2.0

/// The limits that a server holds its peers to, each with its reason.
///
/// A limit is checked by the state machine that first knows the length, before anything of that length
/// is kept.
public struct Limits: Sendable, Hashable {
  /// Bytes of one received message after decompression; more is `RESOURCE_EXHAUSTED`. The default is
  /// that of every gRPC library, so that a client meets the same limit wherever it calls.
  public var maxReceivedMessageBytes = 4 << 20
  /// How many times larger a message may get by decompression; more is a bomb, `RESOURCE_EXHAUSTED`.
  public var maxInflationRatio = 100
  /// Bytes of one header list, names and values and 32 for each field (RFC 9113 6.5.2).
  public var maxHeaderListBytes = 16 << 10
  /// Fields of one header list: small ones cost more than their bytes.
  public var maxHeaderFields = 100
  /// Calls that a peer may have open on one connection.
  public var maxConcurrentStreams = 100
  /// Bytes that a peer may send on one call before the handler has taken them; over HTTP/1.1 also those of a body
  /// that are dropped when the response is whole before it, and the connection is kept.
  public var streamWindowBytes = 256 << 10
  /// Bytes of all calls of a connection that may wait for their handlers; more ends the call that
  /// crosses it. It bounds what a peer makes the server keep with many half-sent messages.
  public var maxBufferedBytesPerConnection = 32 << 20
  /// Bytes that a handler may have written and the peer not yet taken before its next write waits.
  public var sendBufferBytes = 64 << 10
  /// Resets, pings, settings and empty frames that a connection may send beyond what its calls
  /// explain, refilled at one a ``abuseRefill``; then GOAWAY with `ENHANCE_YOUR_CALM`.
  public var abuseBudget = 200
  /// The time in which one unit of ``abuseBudget`` comes back.
  public var abuseRefill: Duration = .milliseconds(10)
  /// The shortest time between two pings of a client to which nothing was sent in between; after the third that
  /// comes sooner, GOAWAY with `too_many_pings`. Zero allows all, within ``abuseBudget``.
  public var minPingInterval: Duration = .seconds(300)
  /// Whether ``minPingInterval`` holds for connections without a call too; otherwise it is 2 hours there.
  public var allowsPingsWithoutCalls = false
  /// Time for the connection preface and first SETTINGS; over HTTP/1.1, for the first head.
  public var handshakeTimeout: Duration = .seconds(10)
  /// Time for a started header block to end.
  public var headerTimeout: Duration = .seconds(10)
  /// Time without a call after which a connection is closed.
  public var idleTimeout: Duration = .seconds(300)
  /// Time in which a peer's socket must take something of what is waiting for it, or it is disconnected. What
  /// the peer holds up by flow control is bounded by the call's deadline, not by this. Over HTTP/1.1 also the time in
  /// which at least 1 KiB of a body must come that is due.
  public var writeStallTimeout: Duration = .seconds(60)
  /// Connections that one server keeps open; further ones wait in the system's queue.
  public var maxConnections = 50_000

  /// The defaults above.
  public init() {}
}
