// SPDX-License-Identifier: Apache-2.0

/// A server's end of a connection, whichever version of HTTP it speaks. Confined to its loop.
package protocol HTTPServerConnection: AnyObject {
  /// Takes bytes from the peer at the time `now`, in nanoseconds.
  func receive(_ bytes: UnsafeRawBufferPointer, now: UInt64)
  /// Puts bytes for the peer into `buffer`, and says how many; 0 when there are none to send now.
  func produce(into buffer: UnsafeMutableRawBufferPointer) -> Int
  /// Whether the peer should be read from. Bytes that come all the same are kept.
  var wantsBytes: Bool { get }
  /// Whether kept bytes can be parsed now.
  var canResume: Bool { get }
  /// Parses bytes that were kept.
  func resume(now: UInt64)

  /// Whether the peer has said its first word, up to the end.
  var isEstablished: Bool { get }
  /// When the header list that is being received began, in nanoseconds; nil between lists.
  var headerBlockBegan: UInt64? { get }
  /// How many requests are open.
  var streamCount: Int { get }
  /// Whether nothing more will be sent or received.
  var isDone: Bool { get }

  /// Whether the peer owes bytes of a body, and has sent next to nothing of it for `limit` nanoseconds. Asked every now
  /// and then.
  func isBodyTooSlow(now: UInt64, limit: UInt64) -> Bool
  /// The peer was too slow with a request: true when it is told so, and the connection then ends.
  func timedOut() -> Bool
  /// Asks the peer whether it is there, where the protocol can.
  func ping()
  /// Lets the open requests finish and takes no new ones.
  func drain()
  /// The connection is gone: every open request is closed.
  func lost()
}

extension HTTP2Connection: HTTPServerConnection {
  // Windows tell the peer how much it may send (RFC 9113 5.2): what it sends is parsed at once.
  package var wantsBytes: Bool { true }
  package var canResume: Bool { false }
  package func resume(now: UInt64) {}
  package func isBodyTooSlow(now: UInt64, limit: UInt64) -> Bool { false }
  package func timedOut() -> Bool { false }
}
