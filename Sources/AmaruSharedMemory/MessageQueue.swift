// SPDX-License-Identifier: Apache-2.0

/// Messages that wait to be taken, in order. Each is let go of when it is taken.
struct MessageQueue {
  private var messages: [ReceivedMessage?] = []
  private var start = 0

  var isEmpty: Bool { start == messages.count }

  var count: Int { messages.count - start }

  mutating func append(_ message: ReceivedMessage) { messages.append(message) }

  mutating func popFirst() -> ReceivedMessage? {
    guard !isEmpty else { return nil }
    let message = messages[start]
    messages[start] = nil
    start += 1
    if isEmpty {
      removeAll()
    } else if start > 64, start > messages.count / 2 {
      // The places in front are given up now and then, so that the array does not grow.
      messages.removeFirst(start)
      start = 0
    }
    return message
  }

  mutating func removeAll() {
    messages.removeAll(keepingCapacity: true)
    start = 0
  }
}
