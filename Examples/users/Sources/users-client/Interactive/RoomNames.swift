// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The rooms that were entered here, for completion. Any thread.
final class RoomNames: Sendable {
  private static let maxNames = 1000
  private let names: Mutex<Set<String>> = Mutex(["lobby"])

  /// Remembers a room.
  func add(_ name: String) {
    names.withLock { if $0.count < Self.maxNames { $0.insert(name) } }
  }

  /// What the last word of `text` may become.
  func completions(of text: String) -> [String] {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    if words.count <= 1 { return Command.allCases.map(\.rawValue) }
    return words.count == 2 && words.first == "join" ? names.withLock { Array($0) } : []
  }
}
