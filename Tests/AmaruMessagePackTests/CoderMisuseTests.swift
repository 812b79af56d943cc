// SPDX-License-Identifier: Apache-2.0

import AmaruMessagePack
import Testing

/// Encoders and decoders that types keep, or use in ways that have no meaning.
@Suite struct CoderMisuseTests {
  @Test func aDecoderThatIsKeptSeesNoBytes() throws {
    final class Thief: Decodable {
      let container: any SingleValueDecodingContainer
      init(from decoder: any Decoder) throws { container = try decoder.singleValueContainer() }
    }
    let thief = try MessagePackDecoder().decode(Thief.self, from: hex("05"))
    #expect(throws: MessagePackError.self) { try thief.container.decode(Int.self) }
    #expect(!thief.container.decodeNil())
  }

  @Test(arguments: [false, true])
  func encodersAreFreedAfterwards(_ fails: Bool) throws {
    struct Failure: Error {}
    final class Box {
      weak var outer: AnyObject?
      weak var inner: AnyObject?
    }
    struct Value: Encodable {
      let box: Box
      let fails: Bool
      func encode(to encoder: any Encoder) throws {
        box.outer = encoder as AnyObject
        var container = encoder.unkeyedContainer()
        let inner = container.superEncoder()
        box.inner = inner as AnyObject
        var own = inner.unkeyedContainer()
        _ = own.nestedUnkeyedContainer()
        if fails { throw Failure() }
      }
    }
    let box = Box()
    let bytes = try? MessagePackEncoder().encode([Value(box: box, fails: fails)])
    #expect(bytes == (fails ? nil : hex("91919190")))
    #expect(box.outer == nil && box.inner == nil)
  }

  @Test func anEncoderThatIsMisusedFails() throws {
    struct Both: Encodable {
      func encode(to encoder: any Encoder) throws {
        var first = encoder.unkeyedContainer()
        try first.encode(1)
        var second = encoder.singleValueContainer()
        try? second.encode(2)
      }
    }
    struct Swallowed: Encodable {
      struct Thrower: Encodable {
        struct Failure: Error {}
        func encode(to encoder: any Encoder) throws { throw Failure() }
      }
      func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try? container.encode(Thrower())
      }
    }
    struct Twice: Encodable {
      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(1)
        try? container.encode(2)
      }
    }
    struct Outer: Encodable {
      final class Inner: Encodable {
        var outer: (any UnkeyedEncodingContainer)?
        func encode(to encoder: any Encoder) throws {
          var own = encoder.unkeyedContainer()
          try? outer?.encode(5)
          try? own.encode(6)
        }
      }
      func encode(to encoder: any Encoder) throws {
        let container = encoder.unkeyedContainer()
        let inner = Inner()
        inner.outer = container
        var writable = container
        try writable.encode(inner)
      }
    }
    struct Empty: Encodable { func encode(to encoder: any Encoder) throws {} }
    #expect(throws: MessagePackError.self) { try MessagePackEncoder().encode(Both()) }
    #expect(throws: MessagePackError.self) { try MessagePackEncoder().encode(Swallowed()) }
    #expect(throws: MessagePackError.self) { try MessagePackEncoder().encode(Twice()) }
    #expect(throws: MessagePackError.self) { try MessagePackEncoder().encode([Outer()]) }
    #expect(throws: Swallowed.Thrower.Failure.self) {
      try MessagePackEncoder().encode(Swallowed.Thrower())
    }
    #expect(try MessagePackEncoder().encode(Empty()) == [0x80])
  }
}
