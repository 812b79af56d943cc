// SPDX-License-Identifier: Apache-2.0

// A point in time stands as RFC 3339 text: `1972-01-01T10:00:20.021Z`.

extension Google_Protobuf_Timestamp {
  /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z in seconds.
  private static var range: ClosedRange<Int64> { -62_135_596_800...253_402_300_799 }

  public mutating func merge(fromJSON reader: inout JSONReader) throws(JSONDecodingError) {
    try reader.enter()
    (seconds, nanos) = try reader.text(of: Self.protoName) { Self.parse($0) }
    reader.leave()
  }

  private static func parse(_ text: Span<UInt8>) -> (Int64, Int32)? {
    var text = TimeText(text)
    guard let year = text.digits(4...4), text.accept("-"), let month = text.digits(2...2),
      text.accept("-"), let day = text.digits(2...2), text.accept("T"),
      let hour = text.digits(2...2), text.accept(":"), let minute = text.digits(2...2),
      text.accept(":"), let second = text.digits(2...2), let nanos = text.fraction(),
      (1...12).contains(month), (1...CivilDate.days(of: month, in: year)).contains(day), hour < 24,
      minute < 60, second < 60
    else { return nil }
    var offset = 0
    if !text.accept("Z") {
      let isWest = text.accept("-")
      guard isWest || text.accept("+"), let hours = text.digits(2...2), text.accept(":"),
        let minutes = text.digits(2...2), hours < 24, minutes < 60
      else { return nil }
      offset = (hours * 60 + minutes) * (isWest ? -60 : 60)
    }
    guard text.isAtEnd else { return nil }
    let days = CivilDate(year: year, month: month, day: day).days
    let seconds = Int64(days * 86_400 + hour * 3_600 + minute * 60 + second - offset)
    guard range.contains(seconds) else { return nil }
    return (seconds, Int32(truncatingIfNeeded: nanos))
  }

  public func writeJSON(_ writer: inout JSONWriter) {
    writer.enter()
    defer { writer.leave() }
    guard Self.range.contains(seconds), (0...999_999_999).contains(nanos) else {
      return writer.fail(.invalidValue(Self.protoName))
    }
    // Counted from year 1, so that nothing is negative.
    let time = Int(seconds - Self.range.lowerBound)
    let date = CivilDate(days: Int(Self.range.lowerBound) / 86_400 + time / 86_400)
    let second = time % 86_400
    writer.literal("\"")
    writer.paddedDigits(date.year, 4)
    writer.literal("-")
    writer.paddedDigits(date.month, 2)
    writer.literal("-")
    writer.paddedDigits(date.day, 2)
    writer.literal("T")
    writer.paddedDigits(second / 3_600, 2)
    writer.literal(":")
    writer.paddedDigits(second / 60 % 60, 2)
    writer.literal(":")
    writer.paddedDigits(second % 60, 2)
    writer.fraction(nanos)
    writer.literal("Z\",")
  }
}
