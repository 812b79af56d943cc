// SPDX-License-Identifier: Apache-2.0

/// What an HTTP connection tells the server that owns it. Confined to the connection's loop.
package protocol HTTPConnectionOwner: AnyObject {
  /// A request has begun: gives the handler for it, which may send on `stream` at once.
  func requestBegan(
    _ head: HTTPRequestHead, on stream: any HTTPServerStream
  ) -> any HTTPRequestHandler
  /// There is something to send.
  func connectionHasOutput()
}
