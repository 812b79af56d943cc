// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenPlain
import Testing

/// The special forms of well-known types.
struct JSONWellKnownTests {
  // MARK: Timestamp and Duration

  @Test(
    arguments: [
      (0, 0, "1970-01-01T00:00:00Z"),
      (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
      (253_402_300_799, 999_999_999, "9999-12-31T23:59:59.999999999Z"),
      (951_782_400, 0, "2000-02-29T00:00:00Z"),
      (951_868_799, 500_000_000, "2000-02-29T23:59:59.500Z"),
      (-1, 1, "1969-12-31T23:59:59.000000001Z"),
      (1_700_000_000, 20_000, "2023-11-14T22:13:20.000020Z"),
      (-2_203_977_600, 0, "1900-02-28T00:00:00Z"),
      (4_107_542_400, 0, "2100-03-01T00:00:00Z"),
    ] as [(Int64, Int32, String)])
  func timesHaveOneForm(_ seconds: Int64, _ nanos: Int32, _ text: String) throws {
    let time = Google_Protobuf_Timestamp.with {
      $0.seconds = seconds
      $0.nanos = nanos
    }
    #expect(try time.jsonString() == "\"\(text)\"")
    #expect(try Google_Protobuf_Timestamp(json: "\"\(text)\"") == time)
  }

  @Test func everyDayIsTheOneAfterTheLast() throws {
    // 400 years are a cycle of the calendar.
    for day in stride(from: -719_162, to: 2_932_896, by: 13) {
      let time = Google_Protobuf_Timestamp.with { $0.seconds = Int64(day) * 86_400 }
      #expect(try Google_Protobuf_Timestamp(json: time.json()) == time)
    }
  }

  @Test func otherTimesAreRead() throws {
    for (text, seconds, nanos) in [
      ("1970-01-01T01:00:00+01:00", 0, 0), ("1969-12-31T16:30:00-07:30", 0, 0),
      ("1970-01-01T00:00:00.5Z", 0, 500_000_000), ("1970-01-01T00:00:00.000000100Z", 0, 100),
      ("0001-01-01T23:59:00+23:59", -62_135_596_800, 0),
    ] as [(String, Int64, Int32)] {
      let time = try Google_Protobuf_Timestamp(json: "\"\(text)\"")
      #expect(time.seconds == seconds)
      #expect(time.nanos == nanos)
    }
  }

  @Test(
    arguments: [
      "", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01t00:00:00Z", "1970-01-01T00:00:00z",
      "1970-01-01 00:00:00Z", "1970-13-01T00:00:00Z", "1970-00-01T00:00:00Z",
      "1970-02-29T00:00:00Z", "1970-04-31T00:00:00Z", "1900-02-29T00:00:00Z",
      "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1970-01-01T00:00:60Z",
      "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00.0000000001Z", "1970-01-01T00:00:00+0100",
      "1970-01-01T00:00:00+24:00", "1970-01-01T00:00:00Z ", "70-01-01T00:00:00Z",
      "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
      "10000-01-01T00:00:00Z", "+970-01-01T00:00:00Z",
    ])
  func malformedTimesAreRefused(_ text: String) {
    let error = #expect(throws: JSONDecodingError.self) {
      try Google_Protobuf_Timestamp(json: "\"\(text)\"")
    }
    #expect(error?.kind == .invalidForm("google.protobuf.Timestamp"))
  }

  @Test func timesOutsideOfTheirYearsHaveNoForm() {
    for (seconds, nanos) in [
      (-62_135_596_801, 0), (253_402_300_800, 0), (0, -1), (0, 1_000_000_000), (.min, 0), (.max, 0),
    ] as [(Int64, Int32)] {
      let time = Google_Protobuf_Timestamp.with {
        $0.seconds = seconds
        $0.nanos = nanos
      }
      #expect(throws: JSONEncodingError.invalidValue("google.protobuf.Timestamp")) {
        try time.json()
      }
    }
  }

  @Test(
    arguments: [
      (0, 0, "0s"), (1, 0, "1s"), (-1, 0, "-1s"), (0, -500_000_000, "-0.500s"),
      (-3, -1, "-3.000000001s"), (3, 1_000, "3.000001s"), (315_576_000_000, 0, "315576000000s"),
      (-315_576_000_000, 0, "-315576000000s"),
    ] as [(Int64, Int32, String)])
  func durationsHaveOneForm(_ seconds: Int64, _ nanos: Int32, _ text: String) throws {
    let duration = Google_Protobuf_Duration.with {
      $0.seconds = seconds
      $0.nanos = nanos
    }
    #expect(try duration.jsonString() == "\"\(text)\"")
    #expect(try Google_Protobuf_Duration(json: "\"\(text)\"") == duration)
  }

  @Test func malformedDurationsAreRefused() {
    for text in [
      "", "1", "s", "1S", "1.s", ".5s", "1.0000000001s", "+1s", "--1s", "1 s", "1s ", "0x1s", "1e3s",
      "315576000001s", "-315576000001s", "9999999999999s",
    ] {
      #expect(throws: JSONDecodingError.self) { try Google_Protobuf_Duration(json: "\"\(text)\"") }
    }
    for (seconds, nanos) in [
      (1, -1), (-1, 1), (0, 1_000_000_000), (315_576_000_001, 0), (.min, 0), (0, .min),
    ] as [(Int64, Int32)] {
      let duration = Google_Protobuf_Duration.with {
        $0.seconds = seconds
        $0.nanos = nanos
      }
      #expect(throws: JSONEncodingError.self) { try duration.json() }
    }
  }

  // MARK: FieldMask, wrappers and Struct

  @Test func masksAreInCamelCase() throws {
    for (paths, text) in [
      ([], ""), (["a"], "a"), (["a_b", "c.d_e"], "aB,c.dE"), (["_a"], "A"),
    ] as [([String], String)] {
      let mask = Google_Protobuf_FieldMask.with { $0.paths = paths }
      #expect(try mask.jsonString() == "\"\(text)\"")
      #expect(try Google_Protobuf_FieldMask(json: "\"\(text)\"") == mask)
    }
    for text in ["a_b", "a,,b", ",", "a,"] {
      #expect(throws: JSONDecodingError.self) { try Google_Protobuf_FieldMask(json: "\"\(text)\"") }
    }
    for path in ["aB", "a__b", "a_3", "a_", "", "a,b"] {
      let mask = Google_Protobuf_FieldMask.with { $0.paths = [path] }
      #expect(throws: JSONEncodingError.self) { try mask.json() }
    }
  }

  @Test func wrappersStandAsTheirValues() throws {
    #expect(try Google_Protobuf_Int64Value.with { $0.value = 1 }.jsonString() == #""1""#)
    #expect(try Google_Protobuf_UInt32Value(json: "7").value == 7)
    #expect(try Google_Protobuf_BoolValue().jsonString() == "false")
    #expect(try Google_Protobuf_BytesValue(json: #""AQ""#).value == [1])
    #expect(try Google_Protobuf_DoubleValue(json: #""NaN""#).value.isNaN)
    #expect(throws: JSONDecodingError.self) { try Google_Protobuf_Int32Value(json: "null") }
  }

  @Test func valuesStandForThemselves() throws {
    let text = #"{"a":[null,1.5,"s",true,{},[]],"b":null}"#
    let object = try Google_Protobuf_Struct(json: text)
    #expect(object.fields["b"]?.kind == .nullValue(.nullValue))
    #expect(object.fields["a"]?.listValue?.values.count == 6)
    let options = JSONEncodingOptions.with { $0.sortsMaps = true }
    #expect(try object.jsonString(options: options) == text)
    #expect(try Google_Protobuf_Value(json: "null").kind == .nullValue(.nullValue))
    #expect(try Google_Protobuf_Value(json: " -1e2 ").kind == .numberValue(-100))
    #expect(try Google_Protobuf_ListValue(json: "[1]").values.count == 1)
    for wrong in ["", "nul", "1 2", "1e400", "{\"a\":1,\"a\":2}", "[1,]", "NaN", "'a'"] {
      #expect(throws: JSONDecodingError.self) { try Google_Protobuf_Value(json: wrong) }
    }
    for wrong in ["null", "{}"] {
      #expect(throws: JSONDecodingError.self) { try Google_Protobuf_ListValue(json: wrong) }
    }
    for kind in [.numberValue(.nan), .numberValue(.infinity), nil] as [Google_Protobuf_Value.Kind?] {
      #expect(throws: JSONEncodingError.invalidValue("google.protobuf.Value")) {
        try Google_Protobuf_Value.with { $0.kind = kind }.json()
      }
    }
  }

  // MARK: Any

  @Test func messagesInAnyStandWithTheirType() throws {
    let prefix = "type.googleapis.com/"
    func any(_ message: some Message) -> Google_Protobuf_Any {
      .with {
        $0.typeUrl = prefix + type(of: message).protoName
        $0.value = message.encoded()
      }
    }
    let duration = any(Google_Protobuf_Duration.with { $0.seconds = 1 })
    let pool = try DescriptorPool([AllTypes.protoFile])
    for (message, text) in [
      (Google_Protobuf_Any(), "{}"),
      (duration, #"{"@type":"\#(prefix)google.protobuf.Duration","value":"1s"}"#),
      (any(Google_Protobuf_Empty()), #"{"@type":"\#(prefix)google.protobuf.Empty"}"#),
      (
        any(duration),
        #"{"@type":"\#(prefix)google.protobuf.Any","value":"#
          + #"{"@type":"\#(prefix)google.protobuf.Duration","value":"1s"}}"#
      ),
      (
        any(AllTypes.with { $0.int32Value = 1 }),
        #"{"@type":"\#(prefix)golden.AllTypes","int32Value":1}"#
      ),
    ] {
      #expect(try message.jsonString(options: .with { $0.pool = pool }) == text)
      #expect(
        try Google_Protobuf_Any(json: text, options: .with { $0.pool = pool }) == message)
    }
    let late = #"{"value":"1s","@type":"\#(prefix)google.protobuf.Duration"}"#
    #expect(try Google_Protobuf_Any(json: late) == duration)
    for wrong in [
      #"{"@type":""}"#, #"{"@type":"x"}"#, #"{"@type":"a/no.Such"}"#, #"{"value":1}"#, "null", "[]",
      #"{"@type":"a/google.protobuf.Duration"}"#,
      #"{"@type":"a/google.protobuf.Duration","value":"1s","x":1}"#,
      #"{"@type":"a/google.protobuf.Empty","@type":"a/google.protobuf.Empty"}"#,
      #"{"@type":"a/golden.AllTypes","int32Value":"x"}"#, #"{"@type":1}"#,
    ] {
      #expect(throws: JSONDecodingError.self) {
        try Google_Protobuf_Any(json: wrong, options: .with { $0.pool = pool })
      }
    }
    let unknown = Google_Protobuf_Any.with { $0.typeUrl = "a/no.Such" }
    #expect(throws: JSONEncodingError.unresolvedType("a/no.Such")) { try unknown.json() }
    let broken = Google_Protobuf_Any.with {
      $0.typeUrl = "a/google.protobuf.Duration"
      $0.value = [255]
    }
    #expect(throws: JSONEncodingError.malformedAny("a/google.protobuf.Duration")) {
      try broken.json()
    }
  }

  @Test func messagesInAnyAreNestedOnlySoDeep() throws {
    var any = Google_Protobuf_Any()
    for _ in 0..<10_000 {
      any = .with {
        $0.typeUrl = "/google.protobuf.Any"
        $0.value = any.encoded()
      }
    }
    #expect(throws: JSONEncodingError.depthLimitExceeded) { try any.json() }
  }
}
