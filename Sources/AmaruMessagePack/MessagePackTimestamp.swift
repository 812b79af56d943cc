// SPDX-License-Identifier: Apache-2.0

/// A point in time to the nanosecond: extension type -1 (MessagePack specification, "Timestamp
/// extension type").
public struct MessagePackTimestamp: Sendable, Hashable, Codable {
  /// The extension type of timestamps.
  static var extensionType: Int8 { -1 }

  /// Seconds since 1970-01-01T00:00:00Z, without leap seconds; the last full one.
  public let seconds: Int64

  /// Nanoseconds since the full second, under a billion.
  public let nanoseconds: UInt32

  /// Makes a timestamp; nil when there are a billion nanoseconds or more.
  public init?(seconds: Int64, nanoseconds: UInt32 = 0) {
    guard nanoseconds < 1_000_000_000 else { return nil }
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Makes the timestamp of a duration since the epoch; what is under a nanosecond is cut off
  /// towards the past. One second before the first that there is becomes that one.
  public init(sinceEpoch duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let nanoseconds = attoseconds / 1_000_000_000
    let isRounded = nanoseconds * 1_000_000_000 > attoseconds
    let floor = nanoseconds - (isRounded ? 1 : 0)
    let (before, overflow) = seconds.subtractingReportingOverflow(floor < 0 ? 1 : 0)
    self.seconds = overflow ? seconds : before
    self.nanoseconds =
      overflow ? 0 : UInt32(truncatingIfNeeded: floor + (floor < 0 ? 1_000_000_000 : 0))
  }

  /// The duration since the epoch; negative before it.
  public var sinceEpoch: Duration {
    Duration(secondsComponent: seconds, attosecondsComponent: Int64(nanoseconds) * 1_000_000_000)
  }

  /// Makes a timestamp of what was encoded in another format than MessagePack.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let seconds = try container.decode(Int64.self, forKey: .seconds)
    let nanoseconds = try container.decodeIfPresent(UInt32.self, forKey: .nanoseconds) ?? 0
    guard let value = Self(seconds: seconds, nanoseconds: nanoseconds) else {
      throw DecodingError.dataCorruptedError(
        forKey: .nanoseconds, in: container, debugDescription: "a billion nanoseconds or more")
    }
    self = value
  }
}

extension MessagePackTimestamp: Comparable {
  /// Whether a point in time is before another.
  public static func < (left: MessagePackTimestamp, right: MessagePackTimestamp) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }
}

extension MessagePackTimestamp: MessagePackCodable {
  /// Reads a timestamp in any of its forms.
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> MessagePackTimestamp {
    try reader.timestamp()
  }

  /// Writes a timestamp in its shortest form.
  public static func writeMessagePack(
    _ value: MessagePackTimestamp, to writer: inout MessagePackWriter
  ) {
    writer.timestamp(value)
  }
}
