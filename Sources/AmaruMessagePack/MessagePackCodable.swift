// SPDX-License-Identifier: Apache-2.0

/// A type that writes itself as MessagePack without the detour over `Encodable`.
///
/// ``MessagePackEncoder`` uses it too, wherever a value's static type conforms.
public protocol MessagePackEncodable {
  /// Writes exactly one value.
  static func writeMessagePack(_ value: Self, to writer: inout MessagePackWriter)

  /// Writes an array of this type as one value. The default is an array of its values.
  static func writeMessagePackArray(_ values: [Self], to writer: inout MessagePackWriter)
}

/// A type that reads itself from MessagePack without the detour over `Decodable`.
///
/// ``MessagePackDecoder`` uses it too, wherever a value's static type conforms.
public protocol MessagePackDecodable {
  /// Reads exactly one value.
  static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> Self

  /// Reads an array of this type from one value. The default reads an array of its values.
  static func readMessagePackArray(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> [Self]
}

/// A type that goes both ways. A type with fields is written by hand:
///
/// ```
/// struct AddArgs: MessagePackCodable {
///   var a: Int
///   var b: Int
///
///   static func writeMessagePack(_ value: AddArgs, to writer: inout MessagePackWriter) {
///     writer.mapHeader(2)
///     writer.field("a", value.a)
///     writer.field("b", value.b)
///   }
///
///   static func readMessagePack(
///     from reader: inout MessagePackReader
///   ) throws(MessagePackError) -> AddArgs {
///     var a: Int?
///     var b: Int?
///     try reader.map { key, reader throws(MessagePackError) in
///       switch key {
///       case "a": a = try reader.value(Int.self)
///       case "b": b = try reader.value(Int.self)
///       default: try reader.skip()
///       }
///     }
///     return AddArgs(a: try reader.require(a, "a"), b: try reader.require(b, "b"))
///   }
/// }
/// ```
public typealias MessagePackCodable = MessagePackEncodable & MessagePackDecodable

extension MessagePackEncodable {
  /// Writes the header and each value.
  @inlinable
  public static func writeMessagePackArray(
    _ values: [Self], to writer: inout MessagePackWriter
  ) {
    writer.arrayHeader(values.count)
    for value in values { writeMessagePack(value, to: &writer) }
  }

  /// The value as MessagePack.
  ///
  /// - Throws: ``MessagePackError`` when something is longer than the format can say.
  @inlinable
  public func messagePack() throws(MessagePackError) -> [UInt8] {
    try MessagePackWriter.withScratch { writer throws(MessagePackError) in
      Self.writeMessagePack(self, to: &writer)
      if writer.hasOverflowed { throw .overflow }
      return writer.takeBytes()
    }
  }
}

extension MessagePackDecodable {
  /// Reads the header and each value.
  @inlinable
  public static func readMessagePackArray(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> [Self] {
    let count = try reader.beginArray()
    var values: [Self] = []
    values.reserveCapacity(min(count, 1024))
    while values.count < count {
      do throws(MessagePackError) {
        values.append(try readMessagePack(from: &reader))
      } catch {
        throw error.inside(.index(values.count))
      }
    }
    reader.endContainer()
    return values
  }

  /// Reads bytes that are one value and nothing else.
  @inlinable
  @inline(__always)
  public init(
    messagePack bytes: RawSpan, limits: MessagePackLimits = MessagePackLimits()
  ) throws(MessagePackError) {
    var reader = MessagePackReader(bytes, limits: limits)
    self = try Self.readMessagePack(from: &reader)
    try reader.finish()
  }

  /// Reads bytes that are one value and nothing else.
  @inlinable
  public init(
    messagePack bytes: [UInt8], limits: MessagePackLimits = MessagePackLimits()
  ) throws(MessagePackError) {
    var reader = MessagePackReader(bytes.span, limits: limits)
    self = try Self.readMessagePack(from: &reader)
    try reader.finish()
  }
}

extension MessagePackWriter {
  /// Writes a value.
  @inlinable
  @inline(__always)
  public mutating func value<Value: MessagePackEncodable>(_ value: Value) {
    Value.writeMessagePack(value, to: &self)
  }

  /// Writes an entry of a map.
  @inlinable
  @inline(__always)
  public mutating func field<Value: MessagePackEncodable>(_ name: StaticString, _ value: Value) {
    key(name)
    Value.writeMessagePack(value, to: &self)
  }
}

extension MessagePackReader {
  /// Reads a value.
  @inlinable
  @inline(__always)
  public mutating func value<Value: MessagePackDecodable>(
    _ type: Value.Type = Value.self
  ) throws(MessagePackError) -> Value {
    try Value.readMessagePack(from: &self)
  }
}

extension MessagePackError {
  /// Something is longer than the format can say.
  @inlinable
  static var overflow: MessagePackError {
    MessagePackError(
      .invalidValue("more than 2^32 - 1 bytes, elements or entries cannot be written"), offset: 0)
  }
}
