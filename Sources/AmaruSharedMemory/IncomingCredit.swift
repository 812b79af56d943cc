// SPDX-License-Identifier: Apache-2.0

/// What the peer may still send on one call, and what it is to be granted.
///
/// A message frame costs its bytes and 8 more, so that empty ones are bounded too. It may be sent while there is credit at all,
/// however large it is. Source: `docs/protocols/shared-memory.md`, "Credit".
struct IncomingCredit {
  /// What the peer may still send; below zero after a large message.
  private var allowance = SharedMemoryPeer.initialCredit
  /// The cost of what waits to be taken.
  private var held = 0
  /// The cost of what was taken and not granted again.
  private var due = 0

  /// A message frame of `count` bytes came.
  ///
  /// - Throws: ``SharedMemoryError/malformedFrame(_:)`` when there was no credit for it.
  mutating func arrived(_ count: Int) throws(SharedMemoryError) {
    guard allowance > 0 else { throw .malformedFrame("a message without credit") }
    let cost = SharedMemoryPeer.cost(of: count)
    allowance -= cost
    held += cost
  }

  /// A message of `count` bytes was taken.
  ///
  /// - Parameter isLast: Nothing whole waits behind it: the pieces of the next one are then waited for.
  mutating func took(_ count: Int, isLast: Bool) {
    let cost = isLast ? held : min(held, SharedMemoryPeer.cost(of: count))
    held -= cost
    due += cost
  }

  /// Nobody will take what waits, or it is a piece of the message that is waited for.
  mutating func dropped() {
    due += held
    held = 0
  }

  /// Whether there is enough to be granted.
  var isDue: Bool { due >= SharedMemoryPeer.initialCredit / 2 }

  /// Grants what is due, if it is enough; else 0.
  mutating func takeDue() -> UInt64 {
    guard isDue else { return 0 }
    defer { due = 0 }
    allowance += due
    return UInt64(due)
  }

  /// What ``takeDue()`` gave was not sent.
  mutating func giveBack(_ bytes: UInt64) {
    due += Int(bytes)
    allowance -= Int(bytes)
  }
}
