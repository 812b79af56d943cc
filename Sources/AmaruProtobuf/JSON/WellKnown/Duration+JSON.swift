// SPDX-License-Identifier: Apache-2.0

// A duration stands as seconds with an `s`: `-1.500s`.

extension Google_Protobuf_Duration {
  /// About 10,000 years, the limit of the type.
  private static var mostSeconds: Int64 { 315_576_000_000 }

  public mutating func merge(fromJSON reader: inout JSONReader) throws(JSONDecodingError) {
    try reader.enter()
    (seconds, nanos) = try reader.text(of: Self.protoName) { Self.parse($0) }
    reader.leave()
  }

  private static func parse(_ text: Span<UInt8>) -> (Int64, Int32)? {
    var text = TimeText(text)
    let isNegative = text.accept("-")
    guard let seconds = text.digits(1...12), let nanos = text.fraction(), text.accept("s"),
      text.isAtEnd, seconds <= mostSeconds
    else { return nil }
    let sign = isNegative ? -1 : 1
    return (Int64(seconds * sign), Int32(truncatingIfNeeded: nanos * sign))
  }

  public func writeJSON(_ writer: inout JSONWriter) {
    writer.enter()
    defer { writer.leave() }
    let isSigned = seconds < 0 ? nanos <= 0 : seconds == 0 || nanos >= 0
    guard isSigned, seconds.magnitude <= Self.mostSeconds, nanos.magnitude <= 999_999_999 else {
      return writer.fail(.invalidValue(Self.protoName))
    }
    writer.literal(seconds < 0 || nanos < 0 ? "\"-" : "\"")
    writer.text(String(seconds.magnitude))
    writer.fraction(Int32(nanos.magnitude))
    writer.literal("s\",")
  }
}
