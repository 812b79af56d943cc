// SPDX-License-Identifier: Apache-2.0

// The types that one value of the format stands for.

extension Int: MessagePackCodable {
  @inlinable
  @inline(__always)
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> Int {
    try reader.integer(Int.self)
  }

  @inlinable
  @inline(__always)
  public static func writeMessagePack(_ value: Int, to writer: inout MessagePackWriter) {
    writer.int(Int64(value))
  }
}

extension Int64: MessagePackCodable {
  @inlinable
  @inline(__always)
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> Int64 {
    try reader.integer(Int64.self)
  }

  @inlinable
  @inline(__always)
  public static func writeMessagePack(_ value: Int64, to writer: inout MessagePackWriter) {
    writer.int(value)
  }
}

extension Int32: MessagePackCodable {
  @inlinable
  @inline(__always)
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> Int32 {
    try reader.integer(Int32.self)
  }

  @inlinable
  @inline(__always)
  public static func writeMessagePack(_ value: Int32, to writer: inout MessagePackWriter) {
    writer.int(Int64(value))
  }
}

extension Int16: MessagePackCodable {
  @inlinable
  @inline(__always)
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> Int16 {
    try reader.integer(Int16.self)
  }

  @inlinable
  @inline(__always)
  public static func writeMessagePack(_ value: Int16, to writer: inout MessagePackWriter) {
    writer.int(Int64(value))
  }
}

extension Int8: MessagePackCodable {
  @inlinable
  @inline(__always)
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> Int8 {
    try reader.integer(Int8.self)
  }

  @inlinable
  @inline(__always)
  public static func writeMessagePack(_ value: Int8, to writer: inout MessagePackWriter) {
    writer.int(Int64(value))
  }
}

extension UInt: MessagePackCodable {
  @inlinable
  @inline(__always)
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> UInt {
    try reader.integer(UInt.self)
  }

  @inlinable
  @inline(__always)
  public static func writeMessagePack(_ value: UInt, to writer: inout MessagePackWriter) {
    writer.uint(UInt64(value))
  }
}

extension UInt64: MessagePackCodable {
  @inlinable
  @inline(__always)
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> UInt64 {
    try reader.integer(UInt64.self)
  }

  @inlinable
  @inline(__always)
  public static func writeMessagePack(_ value: UInt64, to writer: inout MessagePackWriter) {
    writer.uint(value)
  }
}

extension UInt32: MessagePackCodable {
  @inlinable
  @inline(__always)
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> UInt32 {
    try reader.integer(UInt32.self)
  }

  @inlinable
  @inline(__always)
  public static func writeMessagePack(_ value: UInt32, to writer: inout MessagePackWriter) {
    writer.uint(UInt64(value))
  }
}

extension UInt16: MessagePackCodable {
  @inlinable
  @inline(__always)
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> UInt16 {
    try reader.integer(UInt16.self)
  }

  @inlinable
  @inline(__always)
  public static func writeMessagePack(_ value: UInt16, to writer: inout MessagePackWriter) {
    writer.uint(UInt64(value))
  }
}

extension UInt8: MessagePackCodable {
  @inlinable
  @inline(__always)
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> UInt8 {
    try reader.integer(UInt8.self)
  }

  @inlinable
  @inline(__always)
  public static func writeMessagePack(_ value: UInt8, to writer: inout MessagePackWriter) {
    writer.uint(UInt64(value))
  }

  /// Reads binary, or an array of numbers, as other implementations write bytes.
  public static func readMessagePackArray(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> [UInt8] {
    guard try reader.kind() == .array else { return try reader.bytes() }
    let count = try reader.beginArray()
    var values: [UInt8] = []
    values.reserveCapacity(count)
    while values.count < count {
      do throws(MessagePackError) {
        values.append(try reader.integer(UInt8.self))
      } catch {
        throw error.inside(.index(values.count))
      }
    }
    reader.endContainer()
    return values
  }

  /// Writes binary.
  @inlinable
  public static func writeMessagePackArray(
    _ values: [UInt8], to writer: inout MessagePackWriter
  ) {
    writer.binary(values)
  }
}

extension Bool: MessagePackCodable {
  @inlinable
  @inline(__always)
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> Bool {
    try reader.bool()
  }

  @inlinable
  @inline(__always)
  public static func writeMessagePack(_ value: Bool, to writer: inout MessagePackWriter) {
    writer.bool(value)
  }
}

extension Float: MessagePackCodable {
  @inlinable
  @inline(__always)
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> Float {
    try reader.float()
  }

  @inlinable
  @inline(__always)
  public static func writeMessagePack(_ value: Float, to writer: inout MessagePackWriter) {
    writer.float(value)
  }
}

extension Double: MessagePackCodable {
  @inlinable
  @inline(__always)
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> Double {
    try reader.double()
  }

  @inlinable
  @inline(__always)
  public static func writeMessagePack(_ value: Double, to writer: inout MessagePackWriter) {
    writer.double(value)
  }
}

extension String: MessagePackCodable {
  @inlinable
  @inline(__always)
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> String {
    try reader.string()
  }

  @inlinable
  @inline(__always)
  public static func writeMessagePack(_ value: String, to writer: inout MessagePackWriter) {
    writer.string(value)
  }
}
