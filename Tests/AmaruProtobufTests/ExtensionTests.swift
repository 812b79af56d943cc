// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenEditions
import Testing

struct ExtensionTests {
  typealias Keys = Proto2Extensions

  @Test func everyFormOfExtensionIsKeptAndReadBack() throws {
    var old = Old.with { $0.id = 1 }
    old[Keys.number] = -3
    old[Keys.numbers] = [1, -1]
    old[Keys.texts] = ["a", ""]
    old[Keys.level] = .high
    old[Keys.extra] = .with { $0.value = 5 }
    old[Keys.extras] = [.with { $0.value = 6 }, .init()]
    old[Old.Extensions.innerExtension] = .with { $0.id = 9 }
    let again = try Old(decoding: old.encoded())
    #expect(again == old)
    #expect(again[Keys.number] == -3)
    #expect(again[Keys.numbers] == [1, -1])
    #expect(again[Keys.texts] == ["a", ""])
    #expect(again[Keys.level] == .high)
    #expect(again[Keys.extra]?.value == 5)
    #expect(again[Keys.extras].map(\.value) == [6, nil])
    #expect(again[Old.Extensions.innerExtension]?.id == 9)
  }

  @Test func settingReplacesAndNilRemoves() throws {
    var old = Old()
    old[Keys.number] = 1
    old[Keys.texts] = ["x"]
    old[Keys.number] = 2
    #expect(old[Keys.number] == 2)
    old[Keys.number] = nil
    old[Keys.texts] = []
    #expect(old[Keys.number] == nil)
    #expect(old == Old())
  }

  @Test func equalValuesAreEqualInWhicheverOrderTheyWereSet() throws {
    var one = try Old(decoding: [8, 1, 0xf8, 0x3f, 5, 0xa8, 6, 1, 0xa8, 6, 2])
    var other = try Old(decoding: [8, 1, 0xf8, 0x3f, 5])
    other[Keys.texts] = ["x"]
    other[Keys.number] = 3
    one[Keys.number] = 3
    one[Keys.texts] = ["x"]
    #expect(one == other)
    #expect(one.encoded() == other.encoded())
    // By number, the field that nobody knows among them.
    #expect(one.unknownFields.bytes == [0xa8, 6, 3, 0xba, 6, 1, 120, 0xf8, 0x3f, 5])
    one[Keys.number] = nil
    #expect(one.unknownFields.bytes == [0xba, 6, 1, 120, 0xf8, 0x3f, 5])
  }

  @Test func lastNumberWinsAndMessagesAreMerged() throws {
    // number = 1, then 2; inner_extension {id: 1}, then {name: "n"}
    let bytes: [UInt8] = [
      8, 1, 0xa8, 6, 1, 0xa8, 6, 2, 0xa2, 6, 2, 8, 1, 0xa2, 6, 3, 18, 1, 110,
    ]
    let old = try Old(decoding: bytes)
    #expect(old[Keys.number] == 2)
    #expect(old[Old.Extensions.innerExtension]?.id == 1)
    #expect(old[Old.Extensions.innerExtension]?.name == "n")
  }

  @Test func packedAndExpandedElementsAreBothRead() throws {
    let old = try Old(decoding: [8, 1, 0xb0, 6, 2, 0xb2, 6, 2, 4, 6])
    #expect(old[Keys.numbers] == [1, 2, 3])
  }

  @Test func bytesThatAreNoValueAreAnErrorOfTheReadingFunction() throws {
    // texts = "\xff"
    let old = try Old(decoding: [8, 1, 0xba, 6, 1, 0xff])
    #expect(old[Keys.texts] == [])
    #expect(throws: DecodingError.invalidUTF8) { try old.values(of: Keys.texts) }
  }

  @Test func keyKnowsItsNameNumberAndDefault() {
    #expect(Keys.number.protoName == "golden.proto2.number")
    #expect(Keys.number.number == 101)
    #expect(Keys.number.defaultValue == 42)
    #expect(Keys.numbers.isPacked)
    #expect(!Keys.texts.isPacked)
  }

  @Test func messageSetHasItsOwnFormOnTheWire() throws {
    var set = OldSet()
    set[InSet.Extensions.item] = .with { $0.text = "hi" }
    let expected: [UInt8] = [11, 16, 0xf9, 0xbb, 0x5e, 26, 4, 122, 2, 104, 105, 12]
    #expect(set.encoded() == expected)
    #expect(try OldSet(decoding: expected) == set)
    // The message before its type, in two parts.
    let parts: [UInt8] = [11, 26, 2, 122, 2, 26, 2, 104, 105, 16, 0xf9, 0xbb, 0x5e, 12]
    #expect(try OldSet(decoding: parts)[InSet.Extensions.item]?.text == "hi")
  }

  @Test(
    arguments: [
      [11], [11, 16, 4], [11, 26, 5, 1], [12], [11, 20],
    ] as [[UInt8]])
  func brokenMessageSetIsAnError(_ bytes: [UInt8]) {
    #expect(throws: DecodingError.self) { try OldSet(decoding: bytes) }
  }
}
