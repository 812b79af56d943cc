// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO

/// The event loop that a ``ClientChannel`` runs on.
public enum ChannelLoop: Sendable {
  /// One loop with a thread of its own for all channels of the process that have no other.
  case shared
  /// A loop and a thread for this channel alone.
  case own
  /// The loop that serves this call: a handler's calls to other services then cost no thread hop. The channel must
  /// not outlive the server.
  case of(CallContext)

  private static let process = Result { () throws(IOError) in try start() }

  private static func start() throws(IOError) -> EventLoop {
    let loop = try EventLoop()
    _ = try LoopThread(running: loop, for: loop)
    return loop
  }

  /// The loop, running, and whether it ends with the channel.
  func running() throws(IOError) -> (loop: EventLoop, isOwn: Bool) {
    switch self {
    case .shared: (try Self.process.get(), false)
    case .own: (try Self.start(), true)
    case .of(let context):
      if let loop = context.call.executor as? EventLoop {
        (loop, false)
      } else {
        (try Self.process.get(), false)
      }
    }
  }
}
