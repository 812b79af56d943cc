// SPDX-License-Identifier: Apache-2.0

import AmaruMessagePack

/// The arguments of a small call.
struct Pair: MessagePackCodable {
  var a: Int
  var b: Int

  static func writeMessagePack(_ value: Pair, to writer: inout MessagePackWriter) {
    writer.mapHeader(2)
    writer.field("a", value.a)
    writer.field("b", value.b)
  }

  static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> Pair {
    var a: Int?
    var b: Int?
    try reader.map { key, reader throws(MessagePackError) in
      switch key {
      case "a": a = try reader.value(Int.self)
      case "b": b = try reader.value(Int.self)
      default: try reader.skip()
      }
    }
    return Pair(a: try reader.require(a, "a"), b: try reader.require(b, "b"))
  }
}

/// The same, read and written by `Codable`.
struct CodablePair: Codable {
  var a: Int
  var b: Int
}
