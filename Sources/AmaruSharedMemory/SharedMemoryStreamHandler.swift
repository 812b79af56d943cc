// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// What hears of one call over shared memory, at either end. Called on the peer's thread.
package protocol SharedMemoryStreamHandler: AnyObject {
  /// ``SharedMemoryStream/takeMessage()`` has something to give.
  func streamHasMessage()
  /// The caller has no more messages. At the end that serves.
  func halfClosed()
  /// The caller gave the call up; the stream answers by itself. At the end that serves.
  func cancelled()
  /// What comes before the first message. At the end that calls.
  func headArrived(_ metadata: Metadata)
  /// The call's end, after which the stream is of no use. At the end that calls.
  func statusArrived(_ status: CallStatus)
  /// ``SharedMemoryStream/hasRoom`` is true again.
  func roomAvailable()
  /// The connection is at its end, and the call with it.
  func lost(_ error: SharedMemoryError)
}
