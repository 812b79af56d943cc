// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenPlain
import Testing

struct StringTests {
  /// Around the sizes where the reader changes its way: small strings, words of eight, 64.
  @Test func ofEveryLengthSurvive() throws {
    for count in 0...140 {
      for text in [
        String(repeating: "a", count: count), String(repeating: "ä", count: count),
        String(repeating: "a", count: count) + "🐍",
      ] {
        let message = AllTypes.with { $0.stringValue = text }
        #expect(try AllTypes(decoding: message.encoded()).stringValue == text)
      }
    }
  }

  @Test func highBitAtEveryPlaceIsSeen() {
    for count in 1...70 {
      for place in 0..<count {
        var text = [UInt8](repeating: 0x61, count: count)
        text[place] = 0x80
        #expect(throws: DecodingError.invalidUTF8) {
          try AllTypes(decoding: [0x72] + Samples.varint(UInt64(count)) + text)
        }
      }
    }
  }

  @Test func zeroBytesAreText() throws {
    let message = AllTypes.with { $0.stringValue = "a\0b" }
    #expect(try AllTypes(decoding: message.encoded()) == message)
  }
}
