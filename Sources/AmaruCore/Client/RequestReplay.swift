// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// The messages that a call with a stream of requests has sent, for when it is made again. Confined to the call's loop.
///
/// They are kept until the server has begun to answer or there are too many of them; the call is not made again after
/// that. Source: gRPC's proposal A6, "Memory Management (Buffering)".
final class RequestReplay<Request: Message>: @unchecked Sendable {
  private let maxBytes: Int
  @exclusivity(unchecked) private var messages: [(message: Request, isCompressed: Bool)] = []
  @exclusivity(unchecked) private var bytes = 0
  @exclusivity(unchecked) private var hasEnded = false
  /// Whether every message so far is here.
  @exclusivity(unchecked) private(set) var isWhole = true

  /// - Parameter maxBytes: Of all messages together, encoded; 0 keeps none.
  init(maxBytes: Int) { self.maxBytes = maxBytes }

  /// `message` was sent on `call`.
  func sent(_ message: Request, isCompressed: Bool, on call: ClientCall) {
    guard isWhole else { return }
    if maxBytes > 0, call.initialMetadata == nil {
      // An empty message costs something too.
      bytes += message.encodedCount + 16
      if bytes <= maxBytes {
        messages.append((message, isCompressed))
        return
      }
    }
    isWhole = false
    messages = []
  }

  /// No further message follows.
  func ended() { hasEnded = true }

  /// Sends everything again on `call`; stops when the call ends.
  func send(on call: ClientCall) async {
    var next = 0
    while next < messages.count, !call.isFinished {
      let (message, isCompressed) = messages[next]
      next += 1
      call.compressesMessages = isCompressed
      // The end of the call shows to whoever uses it next.
      try? await call.write(message)
    }
    if hasEnded, !call.isFinished { call.writeEnd() }
  }
}

extension Message {
  fileprivate var encodedCount: Int { withEncoded { $0.count } }
}
