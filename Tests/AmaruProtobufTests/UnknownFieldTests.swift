// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenPlain
import Testing

struct UnknownFieldTests {
  @Test(
    arguments: [
      [0x08, 5], [0x09, 1, 2, 3, 4, 5, 6, 7, 8], [0x12, 2, 1, 2], [0x15, 1, 2, 3, 4],
      [0x1b, 0x08, 1, 0x23, 0x24, 0x1c],
      // A varint in more bytes than it needs.
      [0x08, 0x85, 0x80, 0x00],
      // Field 1 is known to nobody; the largest field number.
      [0xf8, 0xff, 0xff, 0xff, 0x0f, 1],
    ] as [[UInt8]])
  func survives(_ bytes: [UInt8]) throws {
    let message = try Empty(decoding: bytes)
    #expect(message.unknownFields.bytes == bytes)
    #expect(message.encoded() == bytes)
    #expect(message != Empty())
  }

  @Test func followsTheKnownFields() throws {
    let known = AllTypes.with { $0.int32Value = 1 }.encoded()
    let unknown: [UInt8] = [0xc0, 0x3e, 9]
    let message = try AllTypes(decoding: unknown + known + unknown)
    #expect(message.encoded() == known + unknown + unknown)
  }

  @Test func otherWireTypeIsUnknown() throws {
    // Field 1 is an int32, and comes as bytes.
    let bytes: [UInt8] = [0x0a, 1, 0x61]
    let message = try AllTypes(decoding: bytes)
    #expect(message.int32Value == 0)
    #expect(message.encoded() == bytes)
  }

  @Test func inNestedMessagesStayThere() throws {
    let bytes: [UInt8] = [0x82, 0x01, 3, 0xf8, 0x06, 1]
    let message = try AllTypes(decoding: bytes)
    #expect(message.nestedValue?.unknownFields.bytes == [0xf8, 0x06, 1])
    #expect(message.encoded() == bytes)
  }

  @Test func inMapEntriesArePassedOver() throws {
    let entry: [UInt8] = [0x0a, 1, 0x61, 0x10, 2, 0x18, 3]
    let message = try AllTypes(decoding: [0x9a, 0x03, UInt8(entry.count)] + entry)
    #expect(message.stringToInt64 == ["a": 2])
  }

  @Test func mapEntryWithoutKeyOrValueHasDefaults() throws {
    #expect(try AllTypes(decoding: [0x9a, 0x03, 0]).stringToInt64 == ["": 0])
    #expect(try AllTypes(decoding: [0xaa, 0x03, 0]).boolToNested == [false: AllTypes.Nested()])
  }
}
