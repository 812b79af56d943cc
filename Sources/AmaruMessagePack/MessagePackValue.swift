// SPDX-License-Identifier: Apache-2.0

/// Any value of the format, for what has no type in the program.
///
/// What is read is written again with the same meaning, in the shortest format: an integer's width
/// is not kept, a float's is, and so is the order of a map's entries.
public enum MessagePackValue: Sendable, Hashable {
  /// No value.
  case null
  /// True or false.
  case bool(Bool)
  /// A whole number that an `Int64` holds. One that is read is this case whenever it fits.
  case int(Int64)
  /// A whole number; one that is read is over the largest `Int64`.
  case uint(UInt64)
  /// A float of 32 bits.
  case float(Float)
  /// A float of 64 bits.
  case double(Double)
  /// A text.
  case string(String)
  /// Bytes.
  case binary([UInt8])
  /// Values in a row.
  case array([MessagePackValue])
  /// Entries in a row, whose keys may be of any kind and may come more than once.
  case map([Entry])
  /// A point in time.
  case timestamp(MessagePackTimestamp)
  /// An extension that is not a timestamp.
  case `extension`(MessagePackExtension)

  /// A key and a value of a map.
  public struct Entry: Sendable, Hashable {
    /// The key.
    public var key: MessagePackValue
    /// The value.
    public var value: MessagePackValue

    /// Makes an entry.
    public init(_ key: MessagePackValue, _ value: MessagePackValue) {
      self.key = key
      self.value = value
    }
  }

  /// The value of a map's key that is a string, the last of several; nil when there is none, and
  /// when this is no map.
  public subscript(_ key: String) -> MessagePackValue? {
    guard case .map(let entries) = self else { return nil }
    return entries.last { $0.key == .string(key) }?.value
  }

  /// An element of an array; nil when there is none, and when this is no array.
  public subscript(_ index: Int) -> MessagePackValue? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }
}

extension MessagePackValue: MessagePackCodable {
  /// Reads any value.
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> MessagePackValue {
    switch try reader.kind() {
    case .null:
      try reader.null()
      return .null
    case .boolean: return .bool(try reader.bool())
    case .integer:
      let wide = try reader.wideInteger()
      if wide.isNegative { return .int(Int64(bitPattern: wide.bits)) }
      return Int64(exactly: wide.bits).map { .int($0) } ?? .uint(wide.bits)
    case .float: return try readFloat(from: &reader)
    case .string: return .string(try reader.string())
    case .binary: return .binary(try reader.bytes())
    case .array: return .array(try readMessagePackArray(from: &reader))
    case .map: return .map(try readEntries(from: &reader))
    case .extension:
      let before = reader.offset
      let header = try reader.extHeader()
      if header.type == MessagePackTimestamp.extensionType {
        return .timestamp(try reader.timestampBody(header.count, before))
      }
      let bytes = MessagePackReader.copy(try reader.lend(header.count))
      return .extension(MessagePackExtension(type: header.type, bytes: bytes))
    }
  }

  private static func readFloat(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> MessagePackValue {
    try reader.peek() == 0xca ? .float(try reader.float()) : .double(try reader.double())
  }

  private static func readEntries(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> [Entry] {
    let count = try reader.beginMap()
    var entries: [Entry] = []
    entries.reserveCapacity(min(count, 1024))
    while entries.count < count {
      let key = try readMessagePack(from: &reader)
      do throws(MessagePackError) {
        entries.append(Entry(key, try readMessagePack(from: &reader)))
      } catch {
        throw error.inside(.key(key.pathText))
      }
    }
    reader.endContainer()
    return entries
  }

  /// What a key is in an error's path.
  private var pathText: String {
    switch self {
    case .string(let text): text
    case .int(let number): "\(number)"
    case .uint(let number): "\(number)"
    case .bool(let bool): "\(bool)"
    default: "?"
    }
  }

  /// Writes any value. One that is nested deeper than a reader's limit is written, but not read.
  public static func writeMessagePack(
    _ value: MessagePackValue, to writer: inout MessagePackWriter
  ) {
    switch value {
    case .null: writer.null()
    case .bool(let value): writer.bool(value)
    case .int(let value): writer.int(value)
    case .uint(let value): writer.uint(value)
    case .float(let value): writer.float(value)
    case .double(let value): writer.double(value)
    case .string(let value): writer.string(value)
    case .binary(let value): writer.binary(value)
    case .array(let values): writeMessagePackArray(values, to: &writer)
    case .map(let entries):
      writer.mapHeader(entries.count)
      for entry in entries {
        writeMessagePack(entry.key, to: &writer)
        writeMessagePack(entry.value, to: &writer)
      }
    case .timestamp(let value): writer.timestamp(value)
    case .extension(let value): MessagePackExtension.writeMessagePack(value, to: &writer)
    }
  }
}
