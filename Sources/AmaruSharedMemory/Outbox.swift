// SPDX-License-Identifier: Apache-2.0

/// What a call has to say and found no room for, in order.
struct Outbox {
  enum Item {
    case frame(EncodedFrame)
    /// A message of which `sent` bytes are in the ring.
    case message([UInt8], sent: Int)
    case slot(OwnSlot, count: Int)

    /// Whether it needs credit.
    var isMessage: Bool {
      if case .frame = self { false } else { true }
    }
  }

  private var items: [Item] = []
  private var start = 0

  var isEmpty: Bool { start == items.count }

  /// What has to go out next.
  var first: Item? { isEmpty ? nil : items[start] }

  mutating func append(_ item: Item) { items.append(item) }

  /// Changes what has to go out next.
  mutating func replaceFirst(_ item: Item) { items[start] = item }

  mutating func removeFirst() {
    start += 1
    guard isEmpty else { return }
    items.removeAll(keepingCapacity: true)
    start = 0
  }

  /// Gives everything up, but for the first item where that is asked for; slots go back.
  mutating func removeAll(keepingFirst: Bool = false) {
    let first = keepingFirst ? first : nil
    items = first.map { [$0] } ?? []
    start = 0
  }
}
