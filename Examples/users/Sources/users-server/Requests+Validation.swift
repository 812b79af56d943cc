// SPDX-License-Identifier: Apache-2.0
import Amaru
import UsersAPI

// The limits that `users.proto` sets.

extension CreateUserRequest {
  /// The user that is asked for.
  /// - Throws: ``RPCError`` with `INVALID_ARGUMENT` that names every field that is wrong.
  func validated() throws(RPCError) -> NewUser {
    var check = FieldCheck()
    check.text(name, "name", bytes: 1...256)
    if !name.isEmpty, name.unicodeScalars.allSatisfy(\.properties.isWhitespace) {
      check.refuse("name", "name is blank")
    }
    if !EmailForm.fits(email) {
      check.refuse(
        "email",
        "email is not of the form local@domain with a domain of two parts, 254 bytes at most")
    }
    try check.finish()
    return NewUser(name: name, email: email)
  }
}

extension ListUsersRequest {
  /// The most users that one call sends.
  static let maxLimit: Int32 = 1000

  /// How many users to send.
  /// - Throws: ``RPCError`` with `INVALID_ARGUMENT` that names the limit.
  func validated() throws(RPCError) -> Int {
    var check = FieldCheck()
    if limit < 0 {
      check.refuse("limit", "limit is \(limit); the least is 0, which stands for 50")
    } else if limit > Self.maxLimit {
      check.refuse("limit", "limit is \(limit); the most is \(Self.maxLimit)")
    }
    if afterId < 0 { check.refuse("after_id", "after_id is \(afterId); the least is 0") }
    try check.finish()
    return limit == 0 ? 50 : Int(limit)
  }
}

extension ChatMessage {
  /// The message as it goes to the room: with the room's name and the time.
  /// - Throws: ``RPCError`` with `INVALID_ARGUMENT` that names every field that is wrong.
  func validated() throws(RPCError) -> ChatMessage {
    var check = FieldCheck()
    check.text(sender, "sender", bytes: 1...64)
    check.text(content, "content", bytes: 0...4096, allowing: ["\t", "\n"])
    check.text(room, "room", bytes: 0...64)
    try check.finish()
    return .with {
      $0.sender = sender
      $0.content = content
      $0.room = room.isEmpty ? "lobby" : room
      $0.sentTime = .now
    }
  }
}
