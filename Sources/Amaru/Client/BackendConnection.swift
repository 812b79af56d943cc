// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// One connection of a ``Backend``, whatever its wire. Confined to its loop.
protocol BackendConnection: AnyObject {
  /// Whether calls can be made, now or once others have ended.
  var isOpen: Bool { get }
  /// Whether the server takes another call now.
  var hasRoom: Bool { get }
  /// The calls that have not ended and count as load.
  var callCount: Int { get }
  /// When the last call ended.
  var idleSince: UInt64 { get }

  /// Starts a call; nil when the connection takes no more.
  ///
  /// - Parameter isLoad: Whether it is a call of the channel's user.
  func startCall(
    _ method: MethodDescriptor, _ options: CallOptions, isLoad: Bool
  ) throws(RPCError) -> ClientCall?

  /// Makes no further calls, and closes when the last has ended.
  func drain()
  /// Closes at once; calls end with `UNAVAILABLE`.
  func close()
  /// Why the attempt that has ended before it was established has failed.
  ///
  /// - Parameter inTime: It ended by itself, and was not given up for taking too long.
  func failure(inTime: Bool) -> String
}

/// What happens to a connection.
enum BackendEvent {
  /// Calls can be made.
  case established
  /// The server takes no further calls, or the connection is used up; `forPings` when it was pinged too often.
  case goesAway(forPings: Bool)
  /// A call has ended: there is room for another.
  case callEnded
  /// It is gone; before `established`, the attempt has failed.
  case closed
}
