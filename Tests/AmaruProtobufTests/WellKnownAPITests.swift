// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenEditions
import GoldenPlain
import Testing

struct WellKnownAPITests {
  typealias Timestamp = Google_Protobuf_Timestamp
  typealias Mask = Google_Protobuf_FieldMask

  // MARK: Any

  @Test func anyHoldsAMessageOfItsType() throws {
    let any = Google_Protobuf_Any(packing: Samples.nested)
    #expect(any.typeUrl == "type.googleapis.com/golden.AllTypes.Nested")
    #expect(any.holds(AllTypes.Nested.self))
    #expect(!any.holds(AllTypes.self))
    #expect(try any.unpack() == Samples.nested)
    #expect(throws: AnyError.wrongType(any.typeUrl)) { try any.unpack(as: AllTypes.self) }
    let pool = try AllTypes.protoFile.pool()
    let dynamic = try any.unpack(from: pool)
    #expect(try AllTypes.Nested(dynamic) == Samples.nested)
    #expect(Google_Protobuf_Any(packing: dynamic, prefix: "a/b").typeUrl == "a/b/golden.AllTypes.Nested")
    #expect(throws: AnyError.unknownType(any.typeUrl)) { try any.unpack(from: .wellKnown) }
  }

  @Test func anyRefusesBrokenContent() throws {
    var any = Google_Protobuf_Any(packing: AllTypes.Nested())
    any.value = [0x0a]
    #expect(throws: AnyError.malformed(.truncated)) { try any.unpack(as: AllTypes.Nested.self) }
    for url in ["", "golden.AllTypes.Nested", "type.googleapis.com/"] {
      any.typeUrl = url
      #expect(any.messageName == nil)
      #expect(throws: AnyError.unknownType(url)) { try any.unpack(from: .wellKnown) }
    }
  }

  // MARK: Times

  @Test(arguments: [
    (0, 0, Duration.zero), (1, 500_000_000, .milliseconds(1500)), (-1, -1, .nanoseconds(-1_000_000_001)),
    (0, -1, .nanoseconds(-1)), (315_576_000_000, 0, .seconds(315_576_000_000 as Int64)),
  ])
  func durationIsConverted(_ seconds: Int64, _ nanos: Int32, _ duration: Duration) throws {
    let message = Google_Protobuf_Duration.with { ($0.seconds, $0.nanos) = (seconds, nanos) }
    #expect(try Google_Protobuf_Duration(duration) == message)
    #expect(try message.swiftDuration() == duration)
  }

  @Test func durationOutOfRangeIsRefused() throws {
    for (seconds, nanos) in [
      (315_576_000_001, 0), (-315_576_000_001, 0), (0, 1_000_000_000), (0, -1_000_000_000), (1, -1),
      (-1, 1), (.min, 0), (0, .min),
    ] as [(Int64, Int32)] {
      let message = Google_Protobuf_Duration.with { ($0.seconds, $0.nanos) = (seconds, nanos) }
      #expect(throws: TimeRangeError.duration) { try message.swiftDuration() }
    }
    let long = Duration.seconds(315_576_000_001 as Int64)
    #expect(throws: TimeRangeError.duration) { try Google_Protobuf_Duration(long) }
    #expect(try Google_Protobuf_Duration(Duration(secondsComponent: 0, attosecondsComponent: -1)).nanos == 0)
  }

  @Test(arguments: [
    (0, 0, Duration.zero), (1, 1, .nanoseconds(1_000_000_001)), (-1, 999_999_999, .nanoseconds(-1)),
    (-2, 0, .seconds(-2)), (-62_135_596_800, 0, .seconds(-62_135_596_800 as Int64)),
  ])
  func timestampIsConverted(_ seconds: Int64, _ nanos: Int32, _ duration: Duration) throws {
    let message = Timestamp.with { ($0.seconds, $0.nanos) = (seconds, nanos) }
    #expect(try Timestamp(sinceEpoch: duration) == message)
    #expect(try message.sinceEpoch() == duration)
  }

  @Test func timestampsAreComparedAndMoved() throws {
    let noon = Timestamp.with { $0.seconds = 43_200 }
    let later = try noon.advanced(by: .milliseconds(1))
    #expect(later > noon)
    #expect(try later.duration(since: noon) == .milliseconds(1))
    #expect(try noon.duration(since: later) == .milliseconds(-1))
    #expect(try later.advanced(by: .milliseconds(-1)) == noon)
    #expect(try Timestamp(sinceEpoch: Duration(secondsComponent: 0, attosecondsComponent: -1)).nanos == 999_999_999)
    let last = Timestamp.with { ($0.seconds, $0.nanos) = (253_402_300_799, 999_999_999) }
    #expect(last.isValid)
    #expect(throws: TimeRangeError.timestamp) { try last.advanced(by: .nanoseconds(1)) }
    #expect(throws: TimeRangeError.timestamp) { try last.advanced(by: .seconds(Int64.max)) }
    #expect(throws: TimeRangeError.timestamp) { try last.advanced(by: .seconds(Int64.min)) }
    for (seconds, nanos) in [
      (253_402_300_800, 0), (-62_135_596_801, 0), (0, -1), (0, 1_000_000_000), (.min, .min),
    ] as [(Int64, Int32)] {
      let message = Timestamp.with { ($0.seconds, $0.nanos) = (seconds, nanos) }
      #expect(throws: TimeRangeError.timestamp) { try message.sinceEpoch() }
    }
    #expect(throws: TimeRangeError.timestamp) { try Timestamp(sinceEpoch: .seconds(Int64.min)) }
  }

  // MARK: Field masks

  @Test func masksAreSets() {
    let mask = Mask(paths: ["b.c", "a", "b", "a.x.y", "b", "ab"])
    #expect(mask.normalized.paths == ["a", "ab", "b"])
    #expect(mask.covers("a.anything"))
    #expect(!mask.covers("abc"))
    let other = Mask(paths: ["a.x", "b.c.d", "c"])
    #expect(mask.union(other).paths == ["a", "ab", "b", "c"])
    #expect(mask.intersection(other).paths == ["a.x", "b.c.d"])
    #expect(Mask(paths: ["a.b", "a-b"]).normalized.paths == ["a.b", "a-b"])
    #expect(Mask().normalized.paths == [])
    #expect(Mask().intersection(mask).paths == [])
  }

  @Test func pathsLeadToFields() throws {
    let old = try Old.descriptor
    try Mask(paths: ["id", "next", "next.next.id", "numbers", "by_name", "data.inner.text"])
      .validate(for: old)
    try Mask(allFieldsOf: old).validate(for: old)
    for path in ["", ".", "id.", ".id", "id.x", "nothing", "next.nothing", "row.key", "by_name.a", "next..id"] {
      #expect(throws: FieldMaskError.invalidPath(path, message: "golden.proto2.Old")) {
        try Mask(paths: [path]).validate(for: old)
      }
    }
    func deep(_ count: Int) -> String {
      Array(repeating: "next", count: count).joined(separator: ".")
    }
    try Mask(paths: [deep(100)]).validate(for: old)
    #expect(throws: FieldMaskError.tooDeep(deep(101))) {
      try Mask(paths: [deep(101)]).validate(for: old)
    }
  }

  @Test func maskKeepsItsFields() throws {
    let old = DynamicMessageTests.old
    let masked = try old.masked(by: Mask(paths: ["id", "data.inner", "by_name", "name"]))
    #expect(
      masked
        == Old.with {
          $0.id = old.id
          $0.data = old.data
          $0.byName = old.byName
          $0.name = old.name
        })
    #expect(try old.masked(by: Mask()) == Old())
    #expect(try old.masked(by: Mask(paths: ["next.id"])) == Old())
    #expect(throws: FieldMaskError.self) { try old.masked(by: Mask(paths: ["x"])) }
  }

  @Test func maskSaysWhatIsUpdated() throws {
    let source = Old.with {
      $0.id = 2
      $0.numbers = [3]
      $0.byName = ["b": .some]
      $0.next = .with { $0.name = "source" }
      $0.choice = .size(1)
    }
    let before = Old.with {
      $0.id = 1
      $0.name = "kept"
      $0.count = 5
      $0.numbers = [1]
      $0.byName = ["a": .some]
      $0.next = .with { $0.id = 7 }
      $0.choice = .chosen(.low)
    }
    var message = before
    try message.merge(source, by: Mask(paths: ["id", "count", "numbers", "by_name", "next", "size"]))
    var expected = before
    (expected.id, expected.count, expected.numbers) = (2, nil, [1, 3])
    expected.byName["b"] = .some
    expected.next?.name = "source"
    expected.choice = .size(1)
    #expect(message == expected)

    message = before
    try message.merge(
      source, by: Mask(paths: ["numbers", "by_name", "next"]), replacingMessages: true,
      replacingRepeated: true)
    expected = before
    (expected.numbers, expected.byName, expected.next) = ([3], ["b": .some], source.next)
    #expect(message == expected)

    message = before
    try message.merge(source, by: Mask(paths: ["next.id", "next.name", "data.inner.text"]))
    expected = before
    expected.next = .with { $0.name = "source" }
    #expect(message == expected)
  }
}
