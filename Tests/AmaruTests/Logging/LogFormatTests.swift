// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import Amaru

struct LogFormatTests {
  private static let hostile = "a\nb\r\u{1b}[31m\u{85}\u{2028}\u{202e}\"\\\u{0}é"

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
      (951_782_400_000_001, "2000-02-29T00:00:00.000001Z"),
      (1_709_251_199_999_999, "2024-02-29T23:59:59.999999Z"),
      (1_767_225_599_123_456, "2025-12-31T23:59:59.123456Z"),
      (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
    ] as [(Int64, String)])
  func timesAreThoseOfTheCalendar(_ microseconds: Int64, _ text: String) {
    #expect(LogFormat.timestamp(microseconds) == text)
  }

  @Test func aTextLineHasItsFieldsBehindIt() {
    let record = LogRecord(
      level: .warning, message: "a \"plain\" line",
      fields: [
        LogField("word", "plain/word:1"), LogField("empty", ""), LogField("two", "two words"),
        LogField("pair", "a=b"), LogField("count", 7), LogField("time", 0.25),
        LogField("bad", Double.nan),
      ])
    #expect(
      LogFormat.text(record, microseconds: 0)
        == "1970-01-01T00:00:00.000000Z warning a \"plain\" line word=plain/word:1 empty=\"\" "
        + "two=\"two words\" pair=\"a=b\" count=7 time=0.25 bad=nan\n")
  }

  @Test func aJSONLineIsOneObject() throws {
    let record = LogRecord(
      level: .info, message: "said \"x\"",
      fields: [
        LogField("level", "mine"), LogField("count", -7), LogField("time_ms", 0.25),
        LogField("bad", Double.infinity),
      ])
    #expect(
      LogFormat.json(record, microseconds: 0)
        == "{\"time\":\"1970-01-01T00:00:00.000000Z\",\"level\":\"info\",\"message\":\"said \\\"x\\\"\","
        + "\"_level\":\"mine\",\"count\":-7,\"time_ms\":0.25,\"bad\":\"inf\"}\n")
  }

  @Test func nobodyBeginsALineOrMovesACursor() throws {
    let record = LogRecord(
      level: .info, message: Self.hostile, fields: [LogField(Self.hostile, Self.hostile)])
    for line in [
      LogFormat.text(record, microseconds: 0), LogFormat.json(record, microseconds: 0),
    ] {
      #expect(line.hasSuffix("\n"))
      #expect(!line.dropLast().unicodeScalars.contains { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) })
      #expect(!line.unicodeScalars.contains("\u{2028}"))
    }
    #expect(!LogFormat.text(record, microseconds: 0).unicodeScalars.contains("\u{202e}"))
    // The JSON text says the same as before.
    let json = LogFormat.json(record, microseconds: 0)
    let read = try Google_Protobuf_Struct(json: json)
    #expect(read.fields["message"]?.stringValue == Self.hostile)
    #expect(read.fields[Self.hostile]?.stringValue == Self.hostile)
  }

  @Test func aLoggerOfLinesGetsTheFieldsInTheLine() {
    let lines = LogLines()
    lines.logger.log(.info, "plain")
    lines.logger.log(.error, "failed", [LogField("why", "no reason")])
    #expect(lines.all == ["info: plain", "error: failed why=\"no reason\""])
  }

  @Test func whatIsBelowTheLevelIsNotMade() {
    let records = Notes<LogRecord>()
    let logger = Logger.records(minimumLevel: .warning) { records.add($0) }
    func fail() -> [LogField] {
      Issue.record("fields were made")
      return []
    }
    logger.log(.info, "no", fail())
    logger.log(.warning, "yes")
    #expect(records.all == [LogRecord(level: .warning, message: "yes")])
  }
}
