// SPDX-License-Identifier: Apache-2.0
import Amaru
import Synchronization
import UsersAPI

/// One caller in the chat, with the messages that wait to be sent to it. Any thread.
///
/// The queue is bounded: a caller that reads too slowly is dropped, and the others never wait for it.
final class Member: Sendable {
  /// The most messages that wait.
  static let maxMessages = 1024
  /// The most bytes that wait, as the messages have them on the wire.
  static let maxBytes = 1 << 20

  private struct State {
    var messages: [ChatMessage] = []
    var bytes = 0
    var hasLeft = false
    var failure: RPCError?
    /// Counts the changes, so that none is missed between a look and a wait.
    var version = 0
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  /// Queues a message.
  /// - Returns: Whether there was room; if not, the member is dropped.
  func deliver(_ message: ChatMessage, bytes: Int) -> Bool {
    change { state in
      guard !state.hasLeft, state.failure == nil else { return false }
      guard state.messages.count < Self.maxMessages, state.bytes + bytes <= Self.maxBytes else {
        state.failure = RPCError(
          .resourceExhausted,
          "you read too slowly: \(state.messages.count) messages of the chat waited for you")
        state.messages = []
        return false
      }
      state.messages.append(message)
      state.bytes += bytes
      return true
    }
  }

  /// No further message comes; those that wait are still sent.
  func leave() { change { $0.hasLeft = true } }

  /// Ends the member's call at once.
  func drop(_ error: RPCError) {
    change { state in
      guard !state.hasLeft, state.failure == nil else { return }
      state.failure = error
      state.messages = []
    }
  }

  /// All messages that wait, as soon as there are some; nil after the last.
  /// - Throws: ``RPCError`` when the member was dropped.
  func take() async throws -> [ChatMessage]? {
    let messages = try await wait { state -> [ChatMessage]? in
      if let failure = state.failure { throw failure }
      guard !state.messages.isEmpty || state.hasLeft else { return nil }
      defer {
        state.messages = []
        state.bytes = 0
      }
      return state.messages
    }
    guard !messages.isEmpty else { return nil }
    change { _ in }  // There is room again.
    return messages
  }

  /// Returns when the queue is less than half full. What its own sender waits for, so that nobody is
  /// dropped for the echoes of what he says.
  func waitUntilShort() async {
    _ = try? await wait { state -> Bool? in
      let isShort = state.messages.count < Self.maxMessages / 2 && state.bytes < Self.maxBytes / 2
      return isShort || state.hasLeft || state.failure != nil ? true : nil
    }
  }

  /// Returns when the member has left.
  /// - Throws: ``RPCError`` as soon as the member is dropped, also while a message is being sent.
  func waitUntilLeft() async throws {
    _ = try await wait { state -> Bool? in
      if let failure = state.failure { throw failure }
      return state.hasLeft ? true : nil
    }
  }

  private func change<Result: Sendable>(_ body: (inout sending State) -> Result) -> Result {
    let (result, waiting) = state.withLock { state in
      let result = body(&state)
      state.version += 1
      defer { state.waiting = [] }
      return (result, state.waiting)
    }
    for continuation in waiting { continuation.resume() }
    return result
  }

  /// Looks at the state until `look` finds what it wants. A cancelled task's member leaves.
  private func wait<Result: Sendable>(
    until look: (inout sending State) throws -> Result?
  ) async throws -> Result {
    while true {
      let (found, version) = try state.withLock { (try look(&$0), $0.version) }
      if let found { return found }
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let isStale = state.withLock { state in
            guard state.version == version else { return true }
            state.waiting.append(continuation)
            return false
          }
          if isStale { continuation.resume() }
        }
      } onCancel: {
        leave()
      }
    }
  }
}
