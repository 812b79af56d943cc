// SPDX-License-Identifier: Apache-2.0
import Amaru
import Testing
import UsersAPI

@testable import users_server

struct MemberTests {
  private let hello = ChatMessage.with { $0.content = "hello" }

  @Test func oneMessageOverTheLimitDropsTheMember() async throws {
    let member = Member()
    for _ in 0..<Member.maxMessages { #expect(member.deliver(hello, bytes: 7)) }
    #expect(!member.deliver(hello, bytes: 7))
    let error = await #expect(throws: RPCError.self) { _ = try await member.take() }
    #expect(error?.code == .resourceExhausted)
    await #expect(throws: RPCError.self) { try await member.waitUntilLeft() }
  }

  @Test func oneByteOverTheLimitDropsTheMember() async throws {
    let fitting = Member()
    #expect(fitting.deliver(hello, bytes: Member.maxBytes))
    #expect(try await fitting.take()?.count == 1)
    let member = Member()
    #expect(member.deliver(hello, bytes: Member.maxBytes - 7))
    #expect(!member.deliver(hello, bytes: 8))
    await #expect(throws: RPCError.self) { _ = try await member.take() }
  }

  @Test func whatWaitsIsStillTakenAfterLeavingAndThenNothing() async throws {
    let member = Member()
    #expect(member.deliver(hello, bytes: 7))
    member.leave()
    #expect(!member.deliver(hello, bytes: 7))
    #expect(try await member.take() == [hello])
    #expect(try await member.take() == nil)
    try await member.waitUntilLeft()
  }

  @Test func takingWaitsForAMessage() async throws {
    let member = Member()
    async let taken = member.take()
    #expect(member.deliver(hello, bytes: 7))
    #expect(try await taken == [hello])
  }

  @Test func itsOwnSenderWaitsWhileTheQueueIsHalfFull() async throws {
    let member = Member()
    for _ in 0..<Member.maxMessages / 2 { #expect(member.deliver(hello, bytes: 7)) }
    async let waited: Void = member.waitUntilShort()
    #expect(try await member.take()?.count == Member.maxMessages / 2)
    await waited
  }

  @Test func aDroppedMemberLosesWhatWaited() async throws {
    let member = Member()
    #expect(member.deliver(hello, bytes: 7))
    member.drop(RPCError(.unavailable, "later"))
    let error = await #expect(throws: RPCError.self) { _ = try await member.take() }
    #expect(error == RPCError(.unavailable, "later"))
    await member.waitUntilShort()
  }

  @Test func aCancelledTaskStopsWaiting() async throws {
    let member = Member()
    let task = Task { try await member.take() }
    task.cancel()
    #expect(try await task.value == nil)
  }
}
