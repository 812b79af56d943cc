// SPDX-License-Identifier: Apache-2.0
import Amaru
import Synchronization
import UsersAPI

/// Who is in which room of the chat. Any thread: callers on different event loops share the rooms.
///
/// One lock orders the messages, so that all members of a room see the same order. It is held to put a
/// message into queues and never while one is sent.
package final class Rooms: Sendable {
  private struct State {
    var rooms: [String: [ObjectIdentifier: Member]] = [:]
    /// The room of each member that is in one.
    var places: [ObjectIdentifier: String] = [:]
    var members: [ObjectIdentifier: Member] = [:]
    var isClosed = false

    mutating func removeFromRoom(_ id: ObjectIdentifier) {
      guard let room = places.removeValue(forKey: id) else { return }
      rooms[room]?[id] = nil
      if rooms[room]?.isEmpty == true { rooms[room] = nil }
    }

    mutating func remove(_ id: ObjectIdentifier) {
      removeFromRoom(id)
      members[id] = nil
    }
  }

  private let state = Mutex(State())

  /// No room, and nobody in it.
  package init() {}

  /// How many rooms have members; a room goes when its last member does.
  var count: Int { state.withLock { $0.rooms.count } }

  /// A new member, in no room yet.
  /// - Throws: ``RPCError``, `UNAVAILABLE`, after ``close()``.
  func enter() throws(RPCError) -> Member {
    let member = Member()
    let isClosed = state.withLock { state in
      if !state.isClosed { state.members[ObjectIdentifier(member)] = member }
      return state.isClosed
    }
    if isClosed { throw Self.closed }
    return member
  }

  /// Puts the member into the message's room, and sends the message to everyone there; to the member
  /// alone when it has no content.
  func say(_ message: ChatMessage, by member: Member) {
    let bytes = message.encoded().count
    state.withLock { state in
      let id = ObjectIdentifier(member)
      guard state.members[id] != nil else { return }
      if state.places[id] != message.room {
        state.removeFromRoom(id)
        state.places[id] = message.room
        state.rooms[message.room, default: [:]][id] = member
      }
      guard !message.content.isEmpty else {
        if !member.deliver(message, bytes: bytes) { state.remove(id) }
        return
      }
      for (id, member) in state.rooms[message.room] ?? [:]
      where !member.deliver(message, bytes: bytes) {
        state.remove(id)
      }
    }
  }

  /// Takes the member out; what waits for it is still sent.
  func leave(_ member: Member) {
    state.withLock { $0.remove(ObjectIdentifier(member)) }
    member.leave()
  }

  /// Ends every member's call with `UNAVAILABLE`, and lets nobody in from here on.
  package func close() {
    let members = state.withLock { state in
      defer { state = State(isClosed: true) }
      return state.members.values.map { $0 }
    }
    for member in members { member.drop(Self.closed) }
  }

  private static let closed = RPCError(
    .unavailable, "the server shuts down; join again to reach another")
}
