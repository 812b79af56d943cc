// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenEditions
import Testing

/// What proto2 and editions have and proto3 has not, in the binary format.
struct EditionsTests {
  private static func old(_ populate: (inout Old) -> Void) -> Old {
    .with {
      $0.id = 1
      populate(&$0)
    }
  }

  @Test func declaredDefaultsStandForFieldsThatAreNotSet() {
    let old = Old()
    #expect(old.name == nil)
    #expect(old.nameOrDefault == "no \"name\"\n")
    #expect(old.rawOrDefault == [1, 255, 97])
    #expect(old.ratioOrDefault == -.infinity)
    #expect(old.countOrDefault == .min)
    #expect(old.levelOrDefault == .high)
    #expect(old.sizeOrDefault == 7)
    #expect(Level() == .low)
    #expect(Fields().explicitOrDefault == 5)
  }

  @Test func missingRequiredFieldIsNamedByItsPath() throws {
    #expect(throws: DecodingError.missingRequiredField("id")) { try Old(decoding: []) }
    #expect(throws: DecodingError.missingRequiredField("row[1].key")) {
      try Old(
        decoding: Self.old { $0.row = [.with { $0.key = "a" }, .init()] }.encoded())
    }
    #expect(throws: DecodingError.missingRequiredField("children[7].id")) {
      try Old(decoding: Self.old { $0.children = [7: Old()] }.encoded())
    }
    #expect(throws: DecodingError.missingRequiredField("olds[0].made.old.next.id")) {
      let inner = Self.old { $0.next = Old() }
      let holder = Holder.with { $0.olds = [Self.old { $0.made = .with { $0.old = inner } }] }
      return try Holder(decoding: holder.encoded())
    }
    #expect(try Old(decoding: [], allowsMissingFields: true) == Old())
    #expect(throws: DecodingError.missingRequiredField("required")) {
      try Fields(decoding: [])
    }
  }

  @Test func undeclaredNumbersOfClosedEnumsAreKeptAside() throws {
    // level = 3, levels = [1, 9, -5], packed_levels = [2, 0], by_name = {"a": 1, "b": 5}, chosen = 4
    let bytes: [UInt8] =
      [8, 1, 64, 3, 72, 1, 72, 9, 72]
      + [0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
      + [82, 2, 2, 0, 90, 5, 10, 1, 97, 16, 1, 90, 5, 10, 1, 98, 16, 5, 128, 1, 4]
    let old = try Old(decoding: bytes)
    #expect(old.level == nil)
    #expect(old.levels == [.low, .extreme])
    #expect(old.packedLevels == [.high])
    #expect(old.byName == ["a": .some])
    #expect(old.choice == nil)
    #expect(
      old.unknownFields.bytes
        == [64, 3, 72, 9, 80, 0, 90, 5, 10, 1, 98, 16, 5, 128, 1, 4])
    let again = try Old(decoding: old.encoded())
    #expect(again == old)
  }

  @Test func openEnumOfAnEditionKeepsUndeclaredNumbers() throws {
    let fields = try Fields(decoding: [24, 1, 48, 9, 56, 9])
    #expect(fields.open == Open(rawValue: 9))
    #expect(fields.closed == nil)
    #expect(fields.unknownFields.bytes == [48, 9])
  }

  @Test func groupsEndWithTheirTag() throws {
    let old = Self.old {
      $0.data = .with {
        $0.value = 5
        $0.inner = .with { $0.text = "x" }
      }
      $0.row = [.with { $0.key = "a" }, .with { $0.key = "b" }]
    }
    let expected: [UInt8] = [
      8, 1, 115, 8, 5, 19, 10, 1, 120, 20, 116, 123, 10, 1, 97, 124, 123, 10, 1, 98, 124,
    ]
    #expect(old.encoded() == expected)
    #expect(try Old(decoding: expected) == old)
  }

  @Test func groupsOfASingularFieldAreMerged() throws {
    let bytes: [UInt8] = [8, 1, 115, 8, 5, 116, 115, 19, 10, 1, 120, 20, 116]
    let data = try #require(try Old(decoding: bytes).data)
    #expect(data.value == 5)
    #expect(data.inner?.text == "x")
  }

  @Test(
    arguments: [
      [115], [115, 8], [115, 8, 5], [115, 8, 5, 124], [116], [115, 116, 116], [115, 19, 116, 20],
      // The end of the group stands inside of a message, and of a map's entry, in it.
      [123, 10, 1, 97, 18, 1, 124], [162, 1, 3, 8, 1, 124],
      // An unknown group around the end.
      [115, 43, 116, 44],
    ] as [[UInt8]])
  func unbalancedGroupIsAnError(_ bytes: [UInt8]) {
    #expect(throws: DecodingError.self) { try Old(decoding: [8, 1] + bytes) }
  }

  @Test func groupsMayBeNestedToTheDepthLimitAndNoDeeper() throws {
    func nested(_ depth: Int) -> [UInt8] {
      // A group in a group of the same message is Part.within.delimited: 8 and 2 in turn.
      var bytes: [UInt8] = []
      for level in 0..<depth { bytes += [level % 2 == 0 ? 67 : 19] }
      for level in (0..<depth).reversed() { bytes += [level % 2 == 0 ? 68 : 20] }
      return bytes
    }
    _ = try Fields(decoding: nested(100), allowsMissingFields: true)
    #expect(throws: DecodingError.depthLimitExceeded) {
      try Fields(decoding: nested(101), allowsMissingFields: true)
    }
  }

  @Test func delimitedMessagesOfAFileSpareItsMaps() throws {
    let value = Delimited.with { $0.text = "a" }
    let message = Delimited.with {
      $0.next = value
      $0.list = [value]
      $0.byName = ["k": value]
    }
    let expected: [UInt8] = [
      19, 10, 1, 97, 20, 27, 10, 1, 97, 28, 34, 8, 10, 1, 107, 18, 3, 10, 1, 97,
    ]
    #expect(message.encoded() == expected)
    #expect(try Delimited(decoding: expected) == message)
    #expect(Delimited().quantityOrDefault == 3)
  }

  @Test func presenceFollowsTheFeature() throws {
    let fields = Fields.with {
      $0.implicit = 0
      $0.explicit = 0
      $0.required = 0
    }
    #expect(fields.encoded() == [16, 0, 24, 0])
  }

  @Test func repeatedNumbersFollowTheFeatureAndAreReadInBothForms() throws {
    let fields = Fields.with {
      $0.required = 1
      $0.packed = [1, 2]
      $0.expanded = [3, 4]
    }
    #expect(fields.encoded() == [24, 1, 34, 2, 1, 2, 40, 3, 40, 4])
    #expect(try Fields(decoding: [24, 1, 32, 1, 32, 2, 42, 2, 3, 4]) == fields)
  }
}
