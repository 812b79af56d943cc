// SPDX-License-Identifier: Apache-2.0

/// What stands behind a stream socket: a connection's protocol, which makes no system calls.
package protocol ByteStreamHandler: AnyObject {
  /// Bytes came in; they hold until this returns.
  func receive(_ bytes: UnsafeRawBufferPointer)
  /// Puts bytes to send into `buffer`, as many as there are and fit, and says how many.
  func produce(into buffer: UnsafeMutableRawBufferPointer) -> Int
  /// Whether the connection is to be closed once everything is sent.
  var isDone: Bool { get }
  /// The socket was closed, by whichever side. Called once, and nothing after it.
  func closed()
}
