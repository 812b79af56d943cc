// SPDX-License-Identifier: Apache-2.0

// Optional values, arrays and dictionaries of what conforms.

extension Optional: MessagePackEncodable where Wrapped: MessagePackEncodable {
  /// Writes nil for none. An optional of an optional writes nil for both kinds of none.
  @inlinable
  @inline(__always)
  public static func writeMessagePack(_ value: Wrapped?, to writer: inout MessagePackWriter) {
    if let value {
      Wrapped.writeMessagePack(value, to: &writer)
    } else {
      writer.null()
    }
  }
}

extension Optional: MessagePackDecodable where Wrapped: MessagePackDecodable {
  /// Reads nil as none.
  @inlinable
  @inline(__always)
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> Wrapped? {
    try reader.takeNull() ? nil : try Wrapped.readMessagePack(from: &reader)
  }
}

extension Array: MessagePackEncodable where Element: MessagePackEncodable {
  /// Writes an array; `[UInt8]` is binary.
  @inlinable
  public static func writeMessagePack(_ value: [Element], to writer: inout MessagePackWriter) {
    Element.writeMessagePackArray(value, to: &writer)
  }
}

extension Array: MessagePackDecodable where Element: MessagePackDecodable {
  /// Reads an array; `[UInt8]` is binary.
  @inlinable
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> [Element] {
    try Element.readMessagePackArray(from: &reader)
  }
}

extension Dictionary: MessagePackEncodable
where Key: MessagePackEncodable, Value: MessagePackEncodable {
  /// Writes a map, in the dictionary's order.
  @inlinable
  public static func writeMessagePack(
    _ value: [Key: Value], to writer: inout MessagePackWriter
  ) {
    writer.mapHeader(value.count)
    for (key, value) in value {
      Key.writeMessagePack(key, to: &writer)
      Value.writeMessagePack(value, to: &writer)
    }
  }
}

extension Dictionary: MessagePackDecodable
where Key: MessagePackDecodable, Value: MessagePackDecodable {
  /// Reads a map. Of a key that comes more than once, the last value is kept.
  @inlinable
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> [Key: Value] {
    var left = try reader.beginMap()
    var entries: [Key: Value] = [:]
    entries.reserveCapacity(Swift.min(left, 1024))
    while left > 0 {
      let key = try Key.readMessagePack(from: &reader)
      do throws(MessagePackError) {
        entries[key] = try Value.readMessagePack(from: &reader)
      } catch {
        throw error.inside(.key("\(key)"))
      }
      left &-= 1
    }
    reader.endContainer()
    return entries
  }
}
