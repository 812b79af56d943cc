// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenPlain
import Testing

struct RoundTripTests {
  @Test func everyFieldSurvives() throws {
    let bytes = Samples.full.encoded()
    let decoded = try AllTypes(decoding: bytes)
    #expect(decoded == Samples.full)
    #expect(decoded.floatValue.sign == .minus)
    #expect(decoded.encoded(sortingMaps: true) == Samples.full.encoded(sortingMaps: true))
    #expect(decoded.unknownFields.isEmpty)
  }

  @Test func defaultsTakeNoBytes() throws {
    #expect(AllTypes().encoded() == [])
    #expect(try AllTypes(decoding: []) == AllTypes())
  }

  @Test func presenceIsKept() throws {
    let set = AllTypes.with { $0.optionalInt32 = 0 }
    #expect(set.encoded() == [21 << 3 & 0x7f | 0x80, 1, 0])
    #expect(try AllTypes(decoding: set.encoded()).optionalInt32 == 0)
    #expect(AllTypes().optionalInt32 == nil)
  }

  @Test func negativeZeroIsNotTheDefault() throws {
    let message = AllTypes.with { $0.doubleValue = -0.0 }
    #expect(message.encoded().count == 9)
    #expect(try AllTypes(decoding: message.encoded()).doubleValue.sign == .minus)
  }

  @Test func sortedMapsGiveTheSameBytes() {
    var forward = AllTypes()
    var backward = AllTypes()
    for key in 0..<100 { forward.int32ToString[Int32(key)] = "\(key)" }
    for key in (0..<100).reversed() { backward.int32ToString[Int32(key)] = "\(key)" }
    #expect(forward.encoded(sortingMaps: true) == backward.encoded(sortingMaps: true))
    let flags = AllTypes.with { $0.boolToNested = [true: .init(), false: Samples.nested] }
    let sorted = flags.encoded(sortingMaps: true)
    #expect(sorted == flags.encoded(sortingMaps: true))
    // The entry of `false` comes first, with its key in front.
    #expect(Array(sorted[3...4]) == [8, 0])
  }

  @Test func oneofHoldsTheLastMember() throws {
    let slate = AllTypes.with { $0.slate = "s" }.encoded()
    let card = AllTypes.with { $0.card = Samples.nested }.encoded()
    #expect(try AllTypes(decoding: slate + card).payment == .card(Samples.nested))
    #expect(try AllTypes(decoding: card + slate).payment == .slate("s"))
    var message = try AllTypes(decoding: slate)
    #expect(message.slate == "s")
    #expect(message.cash == nil)
    message.cash = nil
    #expect(message.slate == "s")
    message.slate = nil
    #expect(message.payment == nil)
  }

  @Test func defaultMemberOfAOneofIsWritten() throws {
    let message = AllTypes.with { $0.payment = .cash(0) }
    #expect(try AllTypes(decoding: message.encoded()).payment == .cash(0))
  }

  @Test func messagesInPartsAreMerged() throws {
    let first = AllTypes.with { $0.nestedValue = .with { $0.name = "n" } }
    let second = AllTypes.with { $0.nestedValue = .with { $0.numbers = [1] } }
    let merged = try AllTypes(decoding: first.encoded() + second.encoded())
    #expect(merged.nestedValue?.name == "n")
    #expect(merged.nestedValue?.numbers == [1])
    let inOneof = [
      AllTypes.with { $0.card = .with { $0.name = "n" } },
      AllTypes.with { $0.card = .with { $0.numbers = [1] } },
    ]
    let card = try AllTypes(decoding: inOneof.flatMap { $0.encoded() }).card
    #expect(card?.name == "n")
    #expect(card?.numbers == [1])
  }

  @Test func packedAndUnpackedAreBothRead() throws {
    // repeated_int32 = 31 and unpacked_int32 = 40, each in the form that we do not write.
    let unpacked: [UInt8] = [0xf8, 0x01, 1, 0xf8, 0x01, 2]
    #expect(try AllTypes(decoding: unpacked).repeatedInt32 == [1, 2])
    let packed: [UInt8] = [0xc2, 0x02, 2, 3, 4]
    let message = try AllTypes(decoding: packed)
    #expect(message.unpackedInt32 == [3, 4])
    #expect(message.encoded() == [0xc0, 0x02, 3, 0xc0, 0x02, 4])
    #expect(try AllTypes(decoding: unpacked + [0xfa, 0x01, 1, 3]).repeatedInt32 == [1, 2, 3])
  }

  @Test func unknownEnumValuesAreKept() throws {
    let message = AllTypes.with { $0.colorValue = AllTypes.Color(rawValue: 12_345) }
    #expect(try AllTypes(decoding: message.encoded()).colorValue.rawValue == 12_345)
  }

  @Test func recursiveMessagesAreValues() throws {
    var tree = Tree.with { tree in
      tree.label = "root"
      tree.left = .with { $0.label = "left" }
      tree.children = [.with { $0.label = "child" }]
      tree.named = ["n": .with { $0.right = .with { $0.label = "right" } }]
      tree.inner = .with { $0.label = "inner" }
    }
    let copy = tree
    #expect(try Tree(decoding: tree.encoded()) == tree)
    tree.left?.left = .with { $0.label = "deeper" }
    #expect(copy.left?.left == nil)
    #expect(tree.left?.left?.label == "deeper")
    #expect(tree != copy)
    #expect(Set([tree, copy, copy]).count == 2)
    let even = Even.with { $0.next = .with { $0.next = .with { _ in } } }
    #expect(try Even(decoding: even.encoded()) == even)
  }

  @Test func namesThatSwiftReservesWork() throws {
    let words = NWords.with { message in
      message.self_p = "self"
      message.init_p = "init"
      message.default = "default"
      message.reader = "reader"
      message.tag = "tag"
      message.unknownFields_p = "fields"
      message.class = "class"
      message.protocol = .self_p
      message.some = 3
    }
    #expect(try NWords(decoding: words.encoded()) == words)
    #expect(words.type == .class("class"))
    #expect(NAliased.uno == NAliased.one)
  }

  @Test func protoNamesAreFull() {
    #expect(AllTypes.Nested.protoName == "golden.AllTypes.Nested")
    #expect(AllTypes.Color.protoName == "golden.AllTypes.Color")
    #expect(Google_Protobuf_Any.protoName == "google.protobuf.Any")
  }
}
