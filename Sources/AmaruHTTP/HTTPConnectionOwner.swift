// SPDX-License-Identifier: Apache-2.0

/// What an HTTP connection tells its owner. Confined to the connection's loop.
package protocol HTTPConnectionOwner: AnyObject {
  /// There is something to send.
  func connectionHasOutput()
}

/// What an HTTP connection tells the server that owns it.
package protocol HTTPServerOwner: HTTPConnectionOwner {
  /// A request has begun: gives the handler for it, which may send on `stream` at once.
  func requestBegan(
    _ head: HTTPHead, on stream: any HTTPServerStream
  ) -> any HTTPRequestHandler
}

/// What an HTTP connection tells the client that owns it.
package protocol HTTPClientOwner: HTTPConnectionOwner {
  /// The server's first settings have come: how many calls it takes at once is known.
  func connectionEstablished()
  /// The server takes no further calls on this connection; `forPings` when it was pinged too often.
  func connectionGoesAway(forPings: Bool)
}
