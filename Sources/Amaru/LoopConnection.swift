// SPDX-License-Identifier: Apache-2.0
import AmaruIO

/// One connection of a ``ServerLoop``, whatever its wire.
protocol LoopConnection: AnyObject {
  /// Its place among the loop's connections.
  var index: Int { get set }
  /// Lets the running calls finish and takes no new ones.
  func drain()
  /// Closes the connection at once, which cancels its calls.
  func close()
}

/// What takes connections for a ``ServerLoop``.
protocol LoopListener: AnyObject {
  /// Leaves new connections in the system's queue, or takes them again.
  func setPaused(_ paused: Bool)
  /// Accepts every connection that waits in the system's queue.
  func acceptWaiting()
  /// Stops accepting.
  func close()
}

extension Listener: LoopListener {}
