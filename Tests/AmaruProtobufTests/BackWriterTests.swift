// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenPlain
import Testing

struct BackWriterTests {
  /// Sizes around the scratch memory's, where the writer moves to the heap.
  @Test(arguments: [0, 1, 127, 128, 1000, 1008, 1009, 1010, 1022, 1023, 1024, 1025, 4096, 1 << 20])
  func bytesOfAnySizeAreWritten(_ count: Int) throws {
    let message = AllTypes.with { message in
      message.int32Value = 1
      message.bytesValue = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      message.last = 2
    }
    let bytes = message.encoded()
    #expect(try AllTypes(decoding: bytes) == message)
    message.withEncoded { writer in
      #expect(writer.count == bytes.count)
      #expect(writer.takeBytes() == bytes)
      #expect(writer.count == 0)
    }
  }

  @Test(arguments: [0, 1015, 1016, 1017, 5000])
  func prefixStandsInFront(_ count: Int) {
    let message = AllTypes.with { $0.stringValue = String(repeating: "x", count: count) }
    let expected = message.encoded()
    let bytes = message.withEncoded { writer in
      let length = UInt32(writer.count)
      writer.prepend(bigEndian: length)
      writer.prepend(byte: 0)
      return writer.bytes.withUnsafeBytes { unsafe [UInt8]($0) }
    }
    #expect(bytes.count == expected.count + 5)
    #expect(Array(bytes[5...]) == expected)
    #expect(bytes[0] == 0)
    #expect(bytes[1...4].reduce(0) { $0 << 8 | Int($1) } == expected.count)
  }

  @Test func writerWithoutScratchGoesToTheHeap() {
    var writer = BackWriter()
    #expect(writer.takeBytes() == [])
    writer.prepend(byte: 3)
    writer.prepend(contentsOf: ([1, 2] as [UInt8]).span.bytes)
    #expect(writer.count == 3)
    #expect(writer.takeBytes() == [1, 2, 3])
    writer.varint(300)
    #expect(writer.takeBytes() == [0xac, 0x02])
  }

  @Test(arguments: (0..<64).flatMap { bit in [1 << bit, (1 << bit) - 1] as [UInt64] } + [.max])
  func varintsOfEveryLength(_ value: UInt64) throws {
    var writer = BackWriter()
    writer.varint(value)
    let bytes = writer.takeBytes()
    #expect(bytes == Samples.varint(value))
    // Alone the reader is near the end; with bytes behind it takes the fast path.
    for tail in [0, 16] {
      let padded = bytes + [UInt8](repeating: 0xff, count: tail)
      var reader = Reader(padded.span.bytes)
      let decoded = try reader.varint()
      #expect(decoded == value)
      #expect(reader.remaining == tail)
    }
  }

  @Test func longVarintsOfSmallValuesAreRead() throws {
    for count in 1...9 {
      for tail in [0, 16] {
        let bytes =
          [0x81] + [UInt8](repeating: 0x80, count: count - 1) + [0]
          + [UInt8](repeating: 0xff, count: tail)
        var reader = Reader(bytes.span.bytes)
        let value = try reader.varint()
        #expect(value == 1)
        #expect(reader.remaining == tail)
      }
    }
  }
}
