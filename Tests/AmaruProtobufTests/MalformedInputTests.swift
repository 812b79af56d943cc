// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenPlain
import Testing

/// What a peer can send that is not a message: each is an error with a name, and none traps.
struct MalformedInputTests {
  @Test(
    arguments: [
      ([0x08], .truncated), ([0x08, 0x80], .truncated), ([0x0d, 1, 2, 3], .truncated),
      ([0x3d, 1, 2, 3], .truncated), ([0x41, 1, 2, 3, 4, 5, 6, 7], .truncated),
      ([0x72, 1], .truncated),
      ([0x72, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], .truncated),
      ([0x72, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], .truncated),
      // Eleven bytes, and ten bytes with more than 64 bits.
      ([0x08] + [UInt8](repeating: 0x80, count: 10) + [1], .malformedVarint),
      ([0x08] + [UInt8](repeating: 0xff, count: 9) + [2], .malformedVarint),
      (
        [0x08] + [UInt8](repeating: 0xff, count: 9) + [2] + [UInt8](repeating: 0, count: 8),
        .malformedVarint
      ),
      // Field number zero, a wire type that does not exist, a tag of six bytes and one over 32 bits.
      ([0x00], .invalidTag), ([0x02, 0], .invalidTag), ([0x0e], .invalidTag), ([0x0f], .invalidTag),
      ([0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 1], .invalidTag),
      ([0xff, 0xff, 0xff, 0xff, 0x7f, 1], .invalidTag),
      // Groups: an end without a start, a start without an end, another end.
      ([0x0c], .unbalancedGroup), ([0xa3, 0x06], .unbalancedGroup),
      ([0xa3, 0x06, 0xac, 0x06], .unbalancedGroup),
      ([0xa3, 0x06, 0x08, 0x01], .unbalancedGroup),
      // UTF-8: a lone continuation, an overlong form, a surrogate, over U+10FFFF, cut short.
      ([0x72, 1, 0x80], .invalidUTF8), ([0x72, 2, 0xc0, 0x80], .invalidUTF8),
      ([0x72, 3, 0xed, 0xa0, 0x80], .invalidUTF8),
      ([0x72, 4, 0xf4, 0x90, 0x80, 0x80], .invalidUTF8),
      ([0x72, 2, 0x61, 0xc3], .invalidUTF8),
      ([0x72, 65] + [UInt8](repeating: 0x61, count: 64) + [0xff], .invalidUTF8),
      // A packed run that ends within an element, and a nested message that ends within a field.
      ([0xfa, 0x01, 2, 1, 0x80], .truncated), ([0x8a, 0x02, 3, 1, 2, 3], .truncated),
      ([0x82, 0x01, 1, 0x0a], .truncated), ([0x82, 0x01, 2, 0x0a, 1, 0x61], .truncated),
      // A map entry with a broken value.
      ([0x9a, 0x03, 2, 0x10, 0x80], .truncated),
    ] as [([UInt8], DecodingError)])
  func isNamed(_ bytes: [UInt8], _ error: DecodingError) {
    #expect(throws: error) { try AllTypes(decoding: bytes) }
    #expect(!error.description.isEmpty)
  }

  @Test func everyPrefixThrowsOrParses() throws {
    let bytes = Samples.full.encoded(sortingMaps: true)
    for count in 0..<bytes.count {
      // The prefix has its own allocation, so that a read past its end is one past the memory's.
      let prefix = Array(bytes[..<count])
      guard let message = try? AllTypes(decoding: prefix) else { continue }
      #expect(try AllTypes(decoding: message.encoded()) == message)
    }
  }

  @Test func everyByteCanBeWrong() {
    let bytes = Samples.full.encoded(sortingMaps: true)
    for index in bytes.indices {
      for value: UInt8 in [0x00, 0x7f, 0x80, 0xff, bytes[index] ^ 1, bytes[index] ^ 4] {
        var broken = bytes
        broken[index] = value
        guard let message = try? AllTypes(decoding: broken) else { continue }
        // NaN does not equal itself, so the bytes are compared.
        let again = try? AllTypes(decoding: message.encoded())
        #expect(again?.encoded(sortingMaps: true) == message.encoded(sortingMaps: true))
      }
    }
  }

  @Test func depthLimitIsCrossedByOne() throws {
    let deepest = Samples.chain(depth: 100)
    #expect(try Tree(decoding: deepest).encoded() == deepest)
    #expect(throws: DecodingError.depthLimitExceeded) {
      try Tree(decoding: Samples.chain(depth: 101))
    }
    // Far beyond the stack.
    #expect(throws: DecodingError.depthLimitExceeded) {
      try Tree(decoding: Samples.chain(depth: 100_000))
    }
  }

  @Test func depthOfGroupsIsLimited() throws {
    func groups(_ count: Int) -> [UInt8] {
      let start: [UInt8] = [0xa3, 0x06]
      let end: [UInt8] = [0xa4, 0x06]
      return [[UInt8]](repeating: start, count: count).flatMap { $0 }
        + [[UInt8]](repeating: end, count: count).flatMap { $0 }
    }
    #expect(try Tree(decoding: groups(100)).encoded() == groups(100))
    #expect(throws: DecodingError.depthLimitExceeded) { try Tree(decoding: groups(101)) }
  }

  @Test func depthLimitOfAReaderCanBeChosen() throws {
    func merge(_ depth: Int) throws(DecodingError) {
      var tree = Tree()
      let bytes = Samples.chain(depth: 3)
      var reader = Reader(bytes.span.bytes, depthLimit: depth)
      try tree.merge(from: &reader)
    }
    try merge(3)
    #expect(throws: DecodingError.depthLimitExceeded) { try merge(2) }
  }

  @Test func shortRunsOfAPackedFieldTakeLinearTime() throws {
    // Growing the array exactly at each run would copy it each time: minutes in place of moments.
    let run: [UInt8] = [0xfa, 0x01, 1, 7]
    let bytes = [[UInt8]](repeating: run, count: 300_000).flatMap { $0 }
    #expect(try AllTypes(decoding: bytes).repeatedInt32.count == 300_000)
  }
}
