// SPDX-License-Identifier: Apache-2.0
import Amaru
import Testing
import UsersAPI

@testable import users_server

struct ValidationTests {
  private static let label = String(repeating: "d", count: 63)
  /// 64 bytes before the @, and 189 behind it.
  private static let longest =
    String(repeating: "l", count: 64) + "@\(label).\(label).\(label.dropLast(2))"

  @Test(arguments: ["a@b.c", "ada.lovelace+x@mail.example.com", "jürgen@köln.example", longest])
  func anEmail(_ text: String) { #expect(EmailForm.fits(text)) }

  @Test(arguments: [
    "", "a", "a@", "@b.c", "a@b", "a@@b.c", "a@b@c.d", "a b@c.d", "a@b..c", "a@.b.c", "a@b.c.",
    ".a@b.c", "a.@b.c", "a..b@c.d", "a@-b.c", "a@b-.c", "a@b_c.d", "a\n@b.c", "a@b\u{85}.c",
    "<a@b.c>",
    "l" + longest, longest + "d", "a@\(label)d.c",
  ])
  func noEmail(_ text: String) { #expect(!EmailForm.fits(text)) }

  private func fields(_ body: () throws -> Void) throws -> [String] {
    let error = try #require(#expect(throws: RPCError.self) { try body() })
    #expect(error.code == .invalidArgument)
    let details = try #require(try error.detail(Google_Rpc_BadRequest.self))
    return details.fieldViolations.map(\.field)
  }

  @Test func everyWrongFieldOfAUserIsNamed() throws {
    let wrong = try fields { _ = try CreateUserRequest().validated() }
    #expect(wrong == ["name", "email"])
  }

  @Test func aNameHas1To256BytesAndNoControlCharacters() throws {
    func request(_ name: String) -> CreateUserRequest {
      .with {
        $0.name = name
        $0.email = "a@b.c"
      }
    }
    let longest = String(repeating: "é", count: 128)
    #expect(try request(longest).validated().name == longest)
    for name in ["", longest + "e", " \u{3000}", "a\nb", "\u{1b}[2J", "\0"] {
      #expect(try fields { _ = try request(name).validated() } == ["name"])
    }
  }

  @Test func aLimitIs0To1000() throws {
    func request(_ limit: Int32, after id: Int64 = 0) -> ListUsersRequest {
      .with {
        $0.limit = limit
        $0.afterId = id
      }
    }
    #expect(try request(0).validated() == 50)
    #expect(try request(1000).validated() == 1000)
    for limit: Int32 in [-1, 1001, .min, .max] {
      #expect(try fields { _ = try request(limit).validated() } == ["limit"])
    }
    #expect(try fields { _ = try request(-1, after: -1).validated() } == ["limit", "after_id"])
  }

  @Test func aChatMessageHasBoundsAndGetsRoomAndTime() throws {
    func message(_ sender: String, _ content: String, _ room: String) -> ChatMessage {
      .with {
        $0.sender = sender
        $0.content = content
        $0.room = room
      }
    }
    let (name, text) = (String(repeating: "n", count: 64), String(repeating: "t", count: 4096))
    let valid = try message(name, text, "").validated()
    #expect(valid.room == "lobby")
    #expect(valid.sentTime != nil)
    #expect(try message(name, "a\tb\nc", name).validated().room == name)
    let wrong = try fields { _ = try message(name + "n", text + "t", name + "n").validated() }
    #expect(wrong == ["sender", "content", "room"])
    #expect(try fields { _ = try message("", "\u{1b}", "\r").validated() } == wrong)
  }
}
