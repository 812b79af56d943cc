// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What was noted, and who waits for what. Any thread.
final class Notes: Sendable {
  private struct Contents {
    var texts: Set<String> = []
    var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]
  }

  private let contents = Mutex(Contents())

  func add(_ text: String) {
    let waiting = contents.withLock { contents in
      contents.texts.insert(text)
      return contents.waiting.removeValue(forKey: text) ?? []
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Returns when `text` has been noted.
  func wait(for text: String) async {
    await withCheckedContinuation { continuation in
      let isThere = contents.withLock { contents in
        if contents.texts.contains(text) { return true }
        contents.waiting[text, default: []].append(continuation)
        return false
      }
      if isThere { continuation.resume() }
    }
  }
}
