// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenClashes
import Testing

/// Names that are one in Swift, two in proto; they compile, and each is its own field or value.
struct ClashTests {
  @Test func fieldsAndOneofsAreToldApart() throws {
    let message = Fields.with { message in
      message.x = "one"
      message.x_2 = "two"
      message.self_p = "three"
      message.self_p_4 = "four"
      message.x_oneof = .member("fifteen")
      message.x_oneof_2 = .more("seventeen")
      message.kind = .first("nineteen")
      message.kind_oneof = .second("twenty")
      message[Fields.Extensions_2.key] = "a"
      message[Fields.Extensions_2.key_101] = "b"
    }
    let bytes = message.encoded()
    #expect(try Fields(decoding: bytes) == message)
    #expect(try DynamicMessage(Fields.descriptor, decoding: bytes).encoded() == bytes)
    #expect(try Fields(decoding: [10, 1, 97, 18, 1, 98]).x == "a")
    #expect(try Fields(decoding: [10, 1, 97, 18, 1, 98]).x_2 == "b")
  }

  @Test func valuesOfEnumsAreToldApart() {
    #expect(Strip.stripBC.rawValue == 0)
    #expect(Strip.stripBC_1.rawValue == 1)
    #expect(Strip.stripMinus_minus4.rawValue == -4)
    #expect(Strip.protoName_p.rawValue == 5)
    #expect(Fields().stripOrDefault == .stripBC_1)
  }

  @Test func aDefaultOfNegativeZeroKeepsItsSign() {
    #expect(Fields().zeroOrDefault.sign == .minus)
    #expect(Fields().smallOrDefault.sign == .minus)
  }

  @Test func aMessageCalledLikeItsModuleIsNoModule() throws {
    let message = GoldenClashes.with { message in
      message.item = .with { $0.inner = "i" }
      message.other = .with { $0.outer = "o" }
    }
    #expect(try GoldenClashes(decoding: message.encoded()) == message)
    #expect(Item_2.protoName == "golden.clashes.item")
  }

  @Test func aOneofHidesNoTypeThatIsUsedInside() throws {
    let message = Inside.with { message in
      message.hash = .text("t")
      message.extensionsOf = Extensions()
    }
    #expect(try Inside(decoding: message.encoded()) == message)
    #expect(Inside.Deep.with { $0.hashes = [Hash()] }.hashes.count == 1)
    #expect(message.setOrDefault == 3)
    let fields = Fields.with { $0[Inside.Extensions.inside] = Extensions() }
    #expect(fields[Inside.Extensions.inside] != nil)
  }

  @Test func filesWithOneConstantAreBothThere() throws {
    #expect(abProto.name == "a/b.proto")
    #expect(abProto_2.name == "a_b.proto")
    #expect(try Two.descriptor.field(named: "one") != nil)
  }
}
