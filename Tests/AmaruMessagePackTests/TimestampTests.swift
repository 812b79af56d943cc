// SPDX-License-Identifier: Apache-2.0

import AmaruMessagePack
import Testing

@Suite struct TimestampTests {
  @Test(
    arguments: [
      (0, 0, "d6ff00000000"), (1, 0, "d6ff00000001"), (0xffff_ffff, 0, "d6ffffffffff"),
      (0x1_0000_0000, 0, "d7ff0000000100000000"), (0, 1, "d7ff0000000400000000"),
      (0x3_ffff_ffff, 999_999_999, "d7ffee6b27ffffffffff"),
      (0x4_0000_0000, 0, "c70cff000000000000000400000000"),
      (-1, 1, "c70cff00000001ffffffffffffffff"),
      (Int64.min, 0, "c70cff000000008000000000000000"),
      (Int64.max, 999_999_999, "c70cff3b9ac9ff7fffffffffffffff"),
    ] as [(Int64, UInt32, String)])
  func theShortestFormIsWritten(_ seconds: Int64, _ nanoseconds: UInt32, _ bytes: String) throws {
    let value = try #require(MessagePackTimestamp(seconds: seconds, nanoseconds: nanoseconds))
    #expect(try value.messagePack() == hex(bytes))
    #expect(try MessagePackTimestamp(messagePack: hex(bytes)) == value)
    #expect(try MessagePackValue(messagePack: hex(bytes)) == .timestamp(value))
    #expect(MessagePackTimestamp(sinceEpoch: value.sinceEpoch) == value)
  }

  @Test(arguments: ["c704ff00000007", "c708ff0000000000000007", "c70cff000000000000000000000007"])
  func anyFormIsRead(_ bytes: String) throws {
    #expect(
      try MessagePackTimestamp(messagePack: hex(bytes)) == MessagePackTimestamp(seconds: 7))
  }

  @Test(arguments: [
    "d7ffee6b280000000000", "c70cff3b9aca000000000000000000", "d4ff00", "c700ff",
    "c70bff0000000000000000000000",
  ])
  func malformedOnesAreRefused(_ bytes: String) {
    #expect(failure(MessagePackTimestamp.self, hex(bytes))?.reason == .invalidTimestamp)
    #expect(failure(MessagePackValue.self, hex(bytes))?.reason == .invalidTimestamp)
  }

  @Test func aBillionNanosecondsAreNoTimestamp() {
    #expect(MessagePackTimestamp(seconds: 0, nanoseconds: 1_000_000_000) == nil)
    #expect(MessagePackTimestamp(seconds: 0, nanoseconds: 999_999_999) != nil)
  }

  @Test func anotherExtensionIsNoTimestamp() {
    #expect(
      failure(MessagePackTimestamp.self, hex("d60500000000"))?.description
        == "expected a timestamp, found an extension, at byte 0")
    #expect(
      failure(MessagePackTimestamp.self, hex("05"))?.description
        == "expected a timestamp, found an integer, at byte 0")
  }

  @Test func durationsAreCutTowardsThePast() throws {
    let cases: [(Duration, Int64, UInt32)] = [
      (.zero, 0, 0), (.nanoseconds(1), 0, 1), (.nanoseconds(-1), -1, 999_999_999),
      (.seconds(-1), -1, 0), (.milliseconds(-1500), -2, 500_000_000),
      (Duration(secondsComponent: 0, attosecondsComponent: 1), 0, 0),
      (Duration(secondsComponent: 0, attosecondsComponent: -1), -1, 999_999_999),
      (Duration(secondsComponent: 5, attosecondsComponent: 999_999_999_999_999_999), 5, 999_999_999),
    ]
    for (duration, seconds, nanoseconds) in cases {
      #expect(
        MessagePackTimestamp(sinceEpoch: duration)
          == MessagePackTimestamp(seconds: seconds, nanoseconds: nanoseconds))
    }
  }

  @Test func timestampsAreInOrder() throws {
    let values = try [(-1, 5), (0, 0), (0, 1), (1, 0)].map {
      try #require(MessagePackTimestamp(seconds: Int64($0.0), nanoseconds: UInt32($0.1)))
    }
    #expect(values.shuffled().sorted() == values)
  }
}
