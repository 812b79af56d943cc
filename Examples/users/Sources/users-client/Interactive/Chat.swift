// SPDX-License-Identifier: Apache-2.0
import Amaru
import UsersAPI

/// A call of ChatStream, whose responses are printed as they come.
actor Chat {
  private static let patience = Duration.seconds(5)

  private let call: BidirectionalStream<ChatMessage, ChatMessage>
  private var listener: Task<Void, Never>?
  /// Whether nobody listens any more.
  private(set) var isOver = false

  init(_ call: BidirectionalStream<ChatMessage, ChatMessage>) { self.call = call }

  /// Prints what comes, from here on.
  func begin(printingOn screen: Screen) { listener = Task { await listen(screen) } }

  private func listen(_ screen: Screen) async {
    do {
      for try await message in call.responses {
        // Without content it is the server's word that we are in.
        let isWord = message.content.isEmpty
        screen.print(isWord ? "* you are in \(message.room.printable)" : message.shown)
      }
    } catch {
      screen.print("* the chat has ended: \("\(error)".printable); `join` enters again")
    }
    isOver = true
  }

  /// Sends a message; returns when there is room for another.
  func say(_ message: ChatMessage) async throws {
    guard !isOver else { return }
    do {
      try await call.write(message)
    } catch is RPCError where !Task.isCancelled {
      // The call has ended, and the listener says why.
    }
  }

  /// Says nothing more, and waits for what was said until now.
  func leave() async {
    guard let listener else { return }
    let limit = Task {
      try? await Task.sleep(for: Self.patience)
      if !Task.isCancelled { await call.cancel() }
    }
    try? await call.finish()
    await listener.value
    limit.cancel()
  }
}
