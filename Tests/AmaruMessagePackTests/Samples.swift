// SPDX-License-Identifier: Apache-2.0

import AmaruMessagePack

/// Bytes from hexadecimal digits; blanks are passed over.
func hex(_ text: String) -> [UInt8] {
  let digits = text.compactMap { $0.hexDigitValue }
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] * 16 + digits[$0 + 1])
  }
}

/// So many equal bytes.
func filled(_ count: Int, _ byte: UInt8 = 0x61) -> [UInt8] {
  [UInt8](repeating: byte, count: count)
}

/// The arguments of a call, which read and write themselves.
struct AddArgs: MessagePackCodable, Hashable {
  var a: Int
  var b: Int

  static func writeMessagePack(_ value: AddArgs, to writer: inout MessagePackWriter) {
    writer.mapHeader(2)
    writer.field("a", value.a)
    writer.field("b", value.b)
  }

  static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> AddArgs {
    var a: Int?
    var b: Int?
    try reader.map { key, reader throws(MessagePackError) in
      switch key {
      case "a": a = try reader.value(Int.self)
      case "b": b = try reader.value(Int.self)
      default: try reader.skip()
      }
    }
    return AddArgs(a: try reader.require(a, "a"), b: try reader.require(b, "b"))
  }
}

/// The error of reading bytes as a type, or nil.
func failure<Value: MessagePackDecodable>(
  _ type: Value.Type, _ bytes: [UInt8], _ limits: MessagePackLimits = MessagePackLimits()
) -> MessagePackError? {
  do throws(MessagePackError) {
    _ = try Value(messagePack: bytes, limits: limits)
    return nil
  } catch {
    return error
  }
}

/// Values of every format, as bytes in their shortest form.
let corpus: [[UInt8]] =
  [
    "c0", "c2", "c3", "00", "7f", "ff", "e0", "cc80", "ccff", "cd0100", "cdffff", "ce00010000",
    "ceffffffff", "cf0000000100000000", "cfffffffffffffffff", "d0df", "d080", "d1ff7f", "d18000",
    "d2ffff7fff", "d280000000", "d3ffffffff7fffffff", "d38000000000000000", "ca3fc00000",
    "cb3ff8000000000000", "a0", "a161", "d920" + String(repeating: "61", count: 32), "c400", "c401ff",
    "d40501", "d5050102", "d60501020304", "d7050102030405060708",
    "d805000102030405060708090a0b0c0d0e0f", "c7030501 0203", "c70005", "d6ff00000001",
    "d7ff0000000400000000", "c70cff00000001ffffffffffffffff", "90", "80", "93010203",
    "82a161c0a162 92c2c3", "81 93 01 02 03 81 c0 c4 00",
    "dc0010" + String(repeating: "01", count: 16),
    "de0010" + String(repeating: "01c0", count: 16), "91919191 81 a161 d6ff00000001",
  ].map(hex) + [
    hex("da0100") + filled(256), hex("db00010000") + filled(65536), hex("c50100") + filled(256),
    hex("c600010000") + filled(65536), hex("c8010007") + filled(256),
    hex("c90001000007") + filled(65536), hex("dd00010000") + filled(65536, 0xc0),
    hex("df00010000") + filled(131072, 0x01),
  ]
