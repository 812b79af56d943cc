// SPDX-License-Identifier: Apache-2.0

import AmaruMessagePack

/// A record with a field of each kind, which `test_messagepack.py` has too. It goes both ways by
/// itself; ``CodableRecord`` has the same fields and leaves that to the compiler.
struct Record: MessagePackCodable {
  var number: Int
  var unsigned: UInt64
  var small: Int8
  var flag: Bool
  var single: Float
  var double: Double
  var text: String
  var data: [UInt8]
  var doubles: [Double]
  var integers: [Int]
  var names: [String: Int]
  var numbers: [Int: String]
  var maybe: String?
  var time: MessagePackTimestamp
  var points: [Point]

  static func writeMessagePack(_ value: Record, to writer: inout MessagePackWriter) {
    writer.mapHeader(15)
    writer.field("number", value.number)
    writer.field("unsigned", value.unsigned)
    writer.field("small", value.small)
    writer.field("flag", value.flag)
    writer.field("single", value.single)
    writer.field("double", value.double)
    writer.field("text", value.text)
    writer.field("data", value.data)
    writer.field("doubles", value.doubles)
    writer.field("integers", value.integers)
    writer.field("names", value.names)
    writer.field("numbers", value.numbers)
    writer.field("maybe", value.maybe)
    writer.field("time", value.time)
    writer.field("points", value.points)
  }

  static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> Record {
    var number: Int?
    var unsigned: UInt64?
    var small: Int8?
    var flag: Bool?
    var single: Float?
    var double: Double?
    var text: String?
    var data: [UInt8]?
    var doubles: [Double]?
    var integers: [Int]?
    var names: [String: Int]?
    var numbers: [Int: String]?
    var maybe: String?
    var time: MessagePackTimestamp?
    var points: [Point]?
    try reader.map { key, reader throws(MessagePackError) in
      switch key {
      case "number": number = try reader.value(Int.self)
      case "unsigned": unsigned = try reader.value(UInt64.self)
      case "small": small = try reader.value(Int8.self)
      case "flag": flag = try reader.value(Bool.self)
      case "single": single = try reader.value(Float.self)
      case "double": double = try reader.value(Double.self)
      case "text": text = try reader.value(String.self)
      case "data": data = try reader.value([UInt8].self)
      case "doubles": doubles = try reader.value([Double].self)
      case "integers": integers = try reader.value([Int].self)
      case "names": names = try reader.value([String: Int].self)
      case "numbers": numbers = try reader.value([Int: String].self)
      case "maybe": maybe = try reader.value(String?.self)
      case "time": time = try reader.value(MessagePackTimestamp.self)
      case "points": points = try reader.value([Point].self)
      default: try reader.skip()
      }
    }
    return Record(
      number: try reader.require(number, "number"),
      unsigned: try reader.require(unsigned, "unsigned"),
      small: try reader.require(small, "small"),
      flag: try reader.require(flag, "flag"),
      single: try reader.require(single, "single"),
      double: try reader.require(double, "double"),
      text: try reader.require(text, "text"),
      data: try reader.require(data, "data"),
      doubles: try reader.require(doubles, "doubles"),
      integers: try reader.require(integers, "integers"),
      names: try reader.require(names, "names"),
      numbers: try reader.require(numbers, "numbers"),
      maybe: maybe,
      time: try reader.require(time, "time"),
      points: try reader.require(points, "points"))
  }
}
