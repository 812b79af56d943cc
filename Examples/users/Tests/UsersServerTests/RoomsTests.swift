// SPDX-License-Identifier: Apache-2.0
import Amaru
import Testing
import UsersAPI

@testable import users_server

struct RoomsTests {
  private func message(_ content: String, in room: String = "lobby") -> ChatMessage {
    .with {
      $0.content = content
      $0.room = room
    }
  }

  private func contents(_ member: Member) async throws -> [String]? {
    try await member.take()?.map(\.content)
  }

  @Test func everyoneInTheRoomHearsTheMessageAndNobodyElse() async throws {
    let rooms = Rooms()
    let (ada, alan, grace) = (try rooms.enter(), try rooms.enter(), try rooms.enter())
    rooms.say(message(""), by: ada)
    rooms.say(message("", in: "attic"), by: grace)
    rooms.say(message("hello"), by: alan)
    for member in [ada, alan, grace] { rooms.leave(member) }
    #expect(try await contents(ada) == ["", "hello"])
    #expect(try await contents(alan) == ["hello"])
    #expect(try await contents(grace) == [""])
  }

  @Test func aMessageToAnotherRoomMovesItsSender() async throws {
    let rooms = Rooms()
    let (ada, alan) = (try rooms.enter(), try rooms.enter())
    rooms.say(message(""), by: ada)
    rooms.say(message("I go", in: "attic"), by: ada)
    #expect(rooms.count == 1)
    rooms.say(message("anybody?"), by: alan)
    rooms.leave(ada)
    #expect(try await contents(ada) == ["", "I go"])
  }

  @Test func roomsGoWithTheirLastMember() throws {
    let rooms = Rooms()
    let member = try rooms.enter()
    for number in 0..<100 { rooms.say(message("", in: "room \(number)"), by: member) }
    #expect(rooms.count == 1)
    rooms.leave(member)
    #expect(rooms.count == 0)
    rooms.say(message("from beyond"), by: member)
    #expect(rooms.count == 0)
  }

  @Test func aSlowMemberIsDroppedAndTheOthersHearOn() async throws {
    let rooms = Rooms()
    let (slow, quick) = (try rooms.enter(), try rooms.enter())
    rooms.say(message(""), by: slow)
    for number in 0..<Member.maxMessages + 1 {
      rooms.say(message("\(number)"), by: quick)
      #expect(try await contents(quick) == ["\(number)"])
    }
    let error = await #expect(throws: RPCError.self) { _ = try await slow.take() }
    #expect(error?.code == .resourceExhausted)
  }

  @Test func closingTellsTheMembersAndLetsNobodyIn() async throws {
    let rooms = Rooms()
    let member = try rooms.enter()
    rooms.close()
    let error = await #expect(throws: RPCError.self) { _ = try await member.take() }
    #expect(error?.code == .unavailable)
    #expect(throws: RPCError.self) { _ = try rooms.enter() }
  }
}
