// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenEditions
import GoldenPlain
import Testing

/// Dynamic messages in the binary format, beside the generated types.
struct DynamicMessageTests {
  /// Reads bytes as a generated and as a dynamic message, and compares what both write.
  private func compare<M: Message>(_ type: M.Type, _ bytes: [UInt8]) throws {
    let generated = Result { try M(decoding: bytes) }
    let dynamic = Result { try DynamicMessage(M.descriptor, decoding: bytes) }
    switch (generated, dynamic) {
    case (.success(let generated), .success(let dynamic)):
      let written = dynamic.encoded(sortingMaps: true)
      #expect(try M(decoding: written) == generated)
      #expect(try DynamicMessage(M.descriptor, decoding: written) == dynamic)
      #expect(try M(dynamic) == generated)
    case (.failure(let left), .failure(let right)):
      #expect(left as? DecodingError == right as? DecodingError)
    default: Issue.record("\(generated) but \(dynamic)")
    }
  }

  static let old = Old.with {
    $0.id = 1
    $0.name = ""
    $0.raw = []
    $0.ratio = 0
    $0.levels = [.low, .extreme]
    $0.packedLevels = [.high, .high]
    $0.byName = ["": .none, "some": .some]
    $0.numbers = [1, -1]
    $0.packedNumbers = [0, 300]
    $0.data = .with { $0.inner = .with { $0.text = "inner" } }
    $0.row = [.with { $0.key = "a" }, .with { $0.key = "b" }]
    $0.choice = .made(.init())
    $0.children = [7: .with { $0.id = 2 }]
  }

  @Test func writesWhatTheGeneratedTypeWrites() throws {
    let full = Samples.full.encoded(sortingMaps: true)
    let dynamic = try DynamicMessage(AllTypes.descriptor, decoding: full)
    #expect(dynamic.encoded(sortingMaps: true) == full)
    #expect(dynamic.unknownFields.isEmpty)
    #expect(try AllTypes(dynamic) == Samples.full)

    let old = Self.old.encoded(sortingMaps: true)
    #expect(try DynamicMessage(Self.old).encoded(sortingMaps: true) == old)
  }

  @Test(
    arguments: [
      // Undeclared numbers of closed enums, singular, repeated, packed, in a map and in a oneof.
      [8, 1, 64, 3, 72, 1, 72, 9, 82, 2, 2, 0, 90, 5, 10, 1, 97, 16, 1, 90, 5, 10, 1, 98, 16, 5]
        + [128, 1, 4],
      // A oneof, whose later member wins; a group inside of it that is merged.
      [8, 1, 128, 1, 2, 0x8b, 1, 0x8c, 1, 0x8b, 1, 0xf8, 6, 1, 0x8c, 1],
      // Packed where it is declared expanded, and the other way around.
      [8, 1, 98, 2, 1, 2, 104, 5],
      // A group that does not end, ends wrongly, and an end without a start.
      [8, 1, 0x73, 8, 1], [8, 1, 0x73, 0x7c], [8, 1, 0x74],
      // Other wire types than declared.
      [8, 1, 13, 0, 0, 0, 0, 0x12, 0, 0x10, 5, 0x92, 1, 0, 0x72, 0],
      // A map's entry without key and value, with other fields, with its value twice.
      [8, 1, 90, 0, 0xa2, 1, 8, 8, 1, 0x12, 2, 8, 1, 0x18, 5],
      // Required fields that are missing.
      [], [8, 1, 0x7b, 0x7c], [8, 1, 0xa2, 1, 2, 8, 1], [0],
    ] as [[UInt8]])
  func followsTheRulesOfGeneratedCode(_ bytes: [UInt8]) throws {
    try compare(Old.self, bytes)
  }

  @Test func readsEveryPrefixAsGeneratedCodeDoes() throws {
    let full = Samples.full.encoded(sortingMaps: true)
    for count in full.indices { try compare(AllTypes.self, Array(full[..<count])) }
    let old = Self.old.encoded(sortingMaps: true)
    for count in old.indices { try compare(Old.self, Array(old[..<count])) }
  }

  @Test func mergesLikeGeneratedCode() throws {
    let full = Samples.full.encoded()
    try compare(AllTypes.self, full + full)
    let old = Self.old.encoded()
    try compare(Old.self, old + old)
  }

  @Test func nestsAsDeepAsTheLimit() throws {
    let limit = Reader.defaultDepthLimit
    try compare(Tree.self, Samples.chain(depth: limit))
    #expect(throws: DecodingError.depthLimitExceeded) {
      try DynamicMessage(Tree.descriptor, decoding: Samples.chain(depth: limit + 1))
    }
    // Groups: `within` is delimited.
    func groups(_ count: Int) -> [UInt8] {
      Array((0..<count).map { $0 % 2 == 0 ? 0x13 : 0x43 })
        + (0..<count).reversed().map { $0 % 2 == 0 ? 0x14 : 0x44 }
    }
    let part = try Part.descriptor
    _ = try DynamicMessage(part, decoding: groups(limit), allowsMissingFields: true)
    #expect(throws: DecodingError.depthLimitExceeded) {
      try DynamicMessage(part, decoding: groups(limit + 1), allowsMissingFields: true)
    }
  }

  @Test func delimitedMessagesAreGroupsButNotThoseOfMaps() throws {
    let message = Delimited.with {
      $0.next = .with { $0.text = "next" }
      $0.list = [.init(), .with { $0.text = "two" }]
      $0.byName = ["a": .with { $0.text = "a" }, "b": .init()]
    }
    let bytes = message.encoded(sortingMaps: true)
    #expect(try DynamicMessage(message).encoded(sortingMaps: true) == bytes)
  }

  @Test func valuesAreCheckedWhenTheyAreSet() throws {
    var message = DynamicMessage(try Old.descriptor)
    try message.set("id", to: .int32(5))
    #expect(message["id"] == .int32(5))
    #expect(message[number: 1] == .int32(5))
    #expect(message["nothing"] == nil)
    #expect(throws: DynamicMessageError.noSuchField("nothing")) {
      try message.set("nothing", to: .int32(5))
    }
    #expect(throws: DynamicMessageError.wrongType("golden.proto2.Old.id")) {
      try message.set("id", to: .int64(5))
    }
    #expect(throws: DynamicMessageError.wrongType("golden.proto2.Old.numbers")) {
      try message.set("numbers", to: .list([.int32(1), .string("")]))
    }
    #expect(throws: DynamicMessageError.wrongType("golden.proto2.Old.ByNameEntry.key")) {
      try message.set("by_name", to: .map([.int32(1): .enumeration(0)]))
    }
    #expect(throws: DynamicMessageError.undeclaredNumber("golden.proto2.Old.level", 0)) {
      try message.set("level", to: .enumeration(0))
    }
    #expect(throws: DynamicMessageError.wrongType("golden.proto2.Old.next")) {
      try message.set("next", to: .message(DynamicMessage(AllTypes.descriptor)))
    }
    let field = try #require(try AllTypes.descriptor.fields.first)
    #expect(message[field] == nil)
    #expect(throws: DynamicMessageError.noSuchField(field.fullName)) {
      try message.set(field, to: .int32(1))
    }
    try message.set("id", to: nil)
    #expect(message.isEmpty)
  }

  @Test func messageOfAnotherPoolIsConverted() throws {
    let other = try DescriptorPool([Old.protoFile])
    var inner = DynamicMessage(try #require(other.message(named: "golden.proto2.Old")))
    try inner.set("name", to: .string("inner"))
    var outer = DynamicMessage(try Old.descriptor)
    try outer.set("next", to: .message(inner))
    #expect(outer["next"] == .message(inner))
    #expect(outer["next"]?.message?.descriptor == outer.descriptor)
  }

  @Test func settingAMemberOfAOneofRemovesTheOthers() throws {
    var message = DynamicMessage(try Old.descriptor)
    let oneof = try #require(message.descriptor.oneofs.first)
    #expect(message.field(of: oneof) == nil)
    try message.set("chosen", to: .enumeration(1))
    try message.set("size", to: .uint32(0))
    #expect(message["chosen"] == nil)
    #expect(message["size"] == .uint32(0))
    #expect(message.field(of: oneof)?.name == "size")
  }

  @Test func fieldsWithoutPresenceAreUnsetByZero() throws {
    var message = DynamicMessage(try AllTypes.descriptor)
    let field = try #require(message.descriptor.field(named: "int32_value"))
    try message.set(field, to: .int32(0))
    #expect(message[field] == nil)
    #expect(message.value(of: field) == .int32(0))
    try message.set("float_value", to: .float(-0.0))
    #expect(message.encoded() == [0x5d, 0, 0, 0, 0x80])
    try message.set("repeated_int32", to: .list([]))
    #expect(message["repeated_int32"] == nil)
  }

  @Test func knownExtensionsAreFields() throws {
    let message = Self.old.withExtensions()
    let dynamic = try DynamicMessage(message)
    #expect(dynamic.unknownFields.isEmpty)
    #expect(dynamic["[golden.proto2.number]"] == .int32(7))
    #expect(dynamic["[golden.proto2.numbers]"] == .list([.int64(-1), .int64(2)]))
    #expect(try Old(dynamic) == message)
    #expect(dynamic.fields.contains { $0.field.isExtension && $0.field.number == 101 })
  }

  @Test func itemsOfAMessageSetAreExtensions() throws {
    let set = OldSet.with { $0[InSet.Extensions.item] = .with { $0.text = "text" } }
    let bytes = set.encoded()
    let dynamic = try DynamicMessage(OldSet.descriptor, decoding: bytes)
    #expect(dynamic["[golden.proto2.InSet.item]"]?.message?["text"] == .string("text"))
    #expect(dynamic.encoded() == bytes)
    // An item that nobody knows is kept.
    let unknown: [UInt8] = [0x0b, 0x10, 5, 0x1a, 1, 0, 0x0c]
    let other = try DynamicMessage(OldSet.descriptor, decoding: unknown + bytes)
    #expect(other.encoded() == bytes + unknown)
  }
}

extension Old {
  fileprivate func withExtensions() -> Old {
    var message = self
    message[Proto2Extensions.number] = 7
    message[Proto2Extensions.numbers] = [-1, 2]
    return message
  }
}
