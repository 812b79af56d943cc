// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import LineEditing

struct KeyDecoderTests {
  private func keys(_ text: String) -> [Key] {
    var decoder = KeyDecoder()
    return decoder.keys(text.utf8)
  }

  @Test(arguments: [
    ("\u{1b}[A", Key.up), ("\u{1b}OB", .down), ("\u{1b}[C", .right), ("\u{1b}[D", .left),
    ("\u{1b}[H", .home), ("\u{1b}OF", .end), ("\u{1b}[1~", .home), ("\u{1b}[4~", .end),
    ("\u{1b}[3~", .delete), ("\u{1b}[1;5C", .wordRight), ("\u{1b}b", .wordLeft), ("\r", .enter),
    ("\n", .enter), ("\t", .tab), ("\u{7f}", .backspace), ("\u{1}", .control("a")),
    ("\u{17}", .control("w")), ("é", .scalar("é")), ("\u{1f40d}", .scalar("\u{1f40d}")),
  ])
  func eachKeyIsKnownAlsoByteByByte(_ text: String, _ key: Key) {
    #expect(keys(text) == [key])
    var decoder = KeyDecoder()
    #expect(text.utf8.flatMap { decoder.keys([$0]) } == [key])
  }

  @Test(arguments: [
    "\u{1b}[5~", "\u{1b}[200~", "\u{1b}x", "\u{1b}\u{1b}[Z", "\u{1b}[1;2;3;4;5q", "\u{85}",
    "\u{1b}[\u{1b}[Z", "\0",
  ])
  func whatIsNotKnownIsLeftOutAsAWhole(_ text: String) {
    #expect(keys(text + "a") == [.scalar("a")])
  }

  @Test func bytesThatAreNotUTF8AreLeftOut() {
    var decoder = KeyDecoder()
    #expect(
      decoder.keys([0xff, 0xc3, 0x61, 0xe2, 0x82, 0x62, 0xed, 0xa0, 0x80]) == [
        .scalar("a"), .scalar("b"),
      ])
  }

  @Test func aSequenceWithoutEndIsGivenUp() {
    #expect(
      keys("\u{1b}[" + String(repeating: "1", count: 17) + "ab") == [.scalar("a"), .scalar("b")])
  }
}
