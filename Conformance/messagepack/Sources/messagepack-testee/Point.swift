// SPDX-License-Identifier: Apache-2.0

import AmaruMessagePack

/// A record in a record, which is `Codable` too.
struct Point: MessagePackCodable {
  var x: Int
  var y: Double

  static func writeMessagePack(_ value: Point, to writer: inout MessagePackWriter) {
    writer.mapHeader(2)
    writer.field("x", value.x)
    writer.field("y", value.y)
  }

  static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> Point {
    var x: Int?
    var y: Double?
    try reader.map { key, reader throws(MessagePackError) in
      switch key {
      case "x": x = try reader.value(Int.self)
      case "y": y = try reader.value(Double.self)
      default: try reader.skip()
      }
    }
    return Point(x: try reader.require(x, "x"), y: try reader.require(y, "y"))
  }
}
