// SPDX-License-Identifier: Apache-2.0

/// One request and its response, from the side of the connection: what a protocol sends through.
///
/// Every member is for the connection's loop, and does nothing once the stream is closed.
package protocol HTTPStream: AnyObject {
  /// Sends bytes of the body.
  func sendBody(_ bytes: UnsafeRawBufferPointer)
  /// Throws away the body that the peer has not taken: what follows does not wait for its window.
  func discardBody()
  /// Ends the stream at once; what is unsent is lost.
  func reset(_ reason: HTTPStreamReset)
  /// Bytes of the body that the peer has not taken yet.
  var unsentBytes: Int { get }
  /// `count` received bytes are kept in memory: counts towards the connection's limit.
  func kept(_ count: Int)
  /// `count` kept bytes have left memory.
  func released(_ count: Int)
  /// Lets the peer send `count` bytes more.
  func credit(_ count: Int)
}

/// The stream of a call that this side made; its head was sent when it was opened.
package protocol HTTPClientStream: HTTPStream {
  /// Nothing follows.
  func sendEnd()
}

/// The stream of a call that the peer made.
package protocol HTTPServerStream: HTTPStream {
  /// Sends the head of the response, `:status` first. With `end`, that is the whole response.
  func sendHead(_ fields: HTTPFields, end: Bool)
  /// Sends a prepared head; the body follows.
  func sendHead(_ fields: PreparedFields)
  /// Ends the response with trailers.
  func sendTrailers(_ fields: HTTPFields)
  /// Ends the response with prepared trailers.
  func sendTrailers(_ fields: PreparedFields)
}

/// One request and its response, from the side of the protocol: what a connection feeds.
package protocol HTTPRequestHandler: AnyObject {
  /// Bytes of the body came in, with `end` the last; they hold until the connection has parsed what it
  /// read.
  func receive(_ bytes: UnsafeRawBufferPointer, end: Bool)
  /// There is room in the send buffer again.
  func roomAvailable()
  /// The connection keeps too many bytes for its peer: this stream must give way.
  func overflow()
  /// The stream is closed: by a complete response (nil), a reset or the loss of the connection.
  func closed(_ reason: HTTPStreamClosure?)
}

/// A call that this side made, from the side of the protocol.
package protocol HTTPResponseHandler: HTTPRequestHandler {
  /// The head of the response; interim ones (1xx) are not told.
  func receivedHead(_ head: HTTPHead)
  /// The trailers of the response, after its body.
  func receivedTrailers(_ trailers: HTTPHead)
}

/// Why a stream is reset.
package enum HTTPStreamReset: Sendable {
  /// The response is complete, and the rest of the request is not wanted.
  case noError
  case cancelled
  case internalError
  case refused
  case enhanceYourCalm
}

/// Why a stream was closed before its response was complete.
package enum HTTPStreamClosure: Sendable, Hashable {
  /// The peer reset it, with this error code (RFC 9113 7).
  case reset(UInt32)
  /// The connection is gone.
  case connectionLost
  /// Of a stream that this side opened: its head has not left, and the connection takes no more.
  case neverSent
  /// Of a stream that this side opened: its head is longer than can be sent (64 KiB, nghttp2's limit).
  case headTooLong
}
