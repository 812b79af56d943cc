// SPDX-License-Identifier: Apache-2.0

import AmaruMessagePack
import Testing

@Suite struct FormatTests {
  @Test(
    arguments: [
      (0, "00"), (127, "7f"), (128, "cc80"), (255, "ccff"), (256, "cd0100"), (65535, "cdffff"),
      (65536, "ce00010000"), (4_294_967_295, "ceffffffff"), (4_294_967_296, "cf0000000100000000"),
      (Int64.max, "cf7fffffffffffffff"), (-1, "ff"), (-32, "e0"), (-33, "d0df"), (-128, "d080"),
      (-129, "d1ff7f"), (-32768, "d18000"), (-32769, "d2ffff7fff"), (-2_147_483_648, "d280000000"),
      (-2_147_483_649, "d3ffffffff7fffffff"), (Int64.min, "d38000000000000000"),
    ] as [(Int64, String)])
  func integersTakeTheShortestFormat(_ value: Int64, _ bytes: String) throws {
    #expect(try value.messagePack() == hex(bytes))
    #expect(try Int64(messagePack: hex(bytes)) == value)
    if value >= 0 {
      #expect(try UInt64(value).messagePack() == hex(bytes))
      #expect(try UInt64(messagePack: hex(bytes)) == UInt64(value))
    }
  }

  @Test func theLargestUnsignedIntegerGoesBothWays() throws {
    #expect(try UInt64.max.messagePack() == hex("cfffffffffffffffff"))
    #expect(try UInt64(messagePack: hex("cfffffffffffffffff")) == UInt64.max)
    #expect(try MessagePackValue(messagePack: hex("cfffffffffffffffff")) == .uint(.max))
  }

  @Test(arguments: [
    "05", "cc05", "cd0005", "ce00000005", "cf0000000000000005", "d005", "d10005", "d200000005",
    "d30000000000000005",
  ])
  func anyWidthIsRead(_ bytes: String) throws {
    #expect(try Int8(messagePack: hex(bytes)) == 5)
    #expect(try UInt16(messagePack: hex(bytes)) == 5)
    #expect(try Int(messagePack: hex(bytes)) == 5)
    #expect(try UInt64(messagePack: hex(bytes)) == 5)
    #expect(try Double(messagePack: hex(bytes)) == 5)
    #expect(try Float(messagePack: hex(bytes)) == 5)
    #expect(try MessagePackValue(messagePack: hex(bytes)) == .int(5))
  }

  @Test func everyIntegerTypeGoesBothWaysAtItsEnds() throws {
    func check<Number: FixedWidthInteger & MessagePackCodable>(_ type: Number.Type) throws {
      for value in [Number.min, Number.max] {
        #expect(try Number(messagePack: value.messagePack()) == value)
      }
    }
    try check(Int8.self)
    try check(Int16.self)
    try check(Int32.self)
    try check(Int64.self)
    try check(Int.self)
    try check(UInt8.self)
    try check(UInt16.self)
    try check(UInt32.self)
    try check(UInt64.self)
    try check(UInt.self)
  }

  @Test func anIntegerThatDoesNotFitIsNamedWithItsType() {
    let cases: [(MessagePackError?, String)] = [
      (failure(Int8.self, hex("cc80")), "128 does not fit into Int8, at byte 0"),
      (failure(Int8.self, hex("d1ff7f")), "-129 does not fit into Int8, at byte 0"),
      (failure(UInt8.self, hex("cd0100")), "256 does not fit into UInt8, at byte 0"),
      (failure(UInt.self, hex("ff")), "-1 does not fit into UInt, at byte 0"),
      (failure(Int16.self, hex("cd8000")), "32768 does not fit into Int16, at byte 0"),
      (failure(Int32.self, hex("ce80000000")), "2147483648 does not fit into Int32, at byte 0"),
      (
        failure(Int.self, hex("cf8000000000000000")),
        "9223372036854775808 does not fit into Int, at byte 0"
      ),
      (
        failure(Double.self, hex("cf0020000000000001")),
        "9007199254740993 does not fit into Double, at byte 0"
      ),
      (failure(Float.self, hex("ce01000001")), "16777217 does not fit into Float, at byte 0"),
      (failure(Float.self, hex("cb7fefffffffffffff")), "1.7976931348623157e+308 does not fit into Float, at byte 0"),
    ]
    for (error, text) in cases { #expect(error?.description == text) }
  }

  @Test func floatsKeepTheirWidthAndTheirBits() throws {
    #expect(try Float(1.5).messagePack() == hex("ca3fc00000"))
    #expect(try Double(1.5).messagePack() == hex("cb3ff8000000000000"))
    #expect(try Double(messagePack: hex("ca3fc00000")) == 1.5)
    #expect(try Float(messagePack: hex("cb3ff8000000000000")) == 1.5)
    for value in [0.0, -0.0, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude] {
      #expect(try Double(messagePack: value.messagePack()).bitPattern == value.bitPattern)
    }
    #expect(try Double(messagePack: Double.nan.messagePack()).isNaN)
    #expect(try Float(messagePack: Double.nan.messagePack()).isNaN)
    #expect(try Float(messagePack: Double.infinity.messagePack()) == .infinity)
  }

  @Test func nilAndBooleansAreOneByte() throws {
    #expect(try Int?.none.messagePack() == hex("c0"))
    #expect(try true.messagePack() == hex("c3"))
    #expect(try false.messagePack() == hex("c2"))
    #expect(try Int?(messagePack: hex("c0")) == nil)
    #expect(try Int?(messagePack: hex("07")) == 7)
    #expect(try Bool(messagePack: hex("c3")))
    #expect(try !Bool(messagePack: hex("c2")))
  }

  @Test(arguments: [
    (0, "a0"), (1, "a1"), (31, "bf"), (32, "d920"), (255, "d9ff"), (256, "da0100"),
    (65535, "daffff"), (65536, "db00010000"),
  ])
  func stringsTakeTheShortestFormat(_ count: Int, _ header: String) throws {
    let text = String(repeating: "a", count: count)
    #expect(try text.messagePack() == hex(header) + filled(count))
    #expect(try String(messagePack: hex(header) + filled(count)) == text)
  }

  @Test(arguments: ["a\u{0}b", "héllo", "日本語", "🏳️‍🌈", String(repeating: "ä", count: 40)])
  func textsGoBothWays(_ text: String) throws {
    #expect(try String(messagePack: text.messagePack()) == text)
  }

  @Test(arguments: [
    (0, "c400"), (1, "c401"), (255, "c4ff"), (256, "c50100"), (65535, "c5ffff"),
    (65536, "c600010000"),
  ])
  func binaryTakesTheShortestFormat(_ count: Int, _ header: String) throws {
    #expect(try filled(count, 0xff).messagePack() == hex(header) + filled(count, 0xff))
    #expect(try [UInt8](messagePack: hex(header) + filled(count, 0xff)) == filled(count, 0xff))
  }

  @Test func bytesAreReadFromAnArrayOfNumbersToo() throws {
    #expect(try [UInt8](messagePack: hex("9301ccff7f")) == [1, 255, 127])
    #expect(
      failure([UInt8].self, hex("9201cd0100"))?.description
        == "[1]: 256 does not fit into UInt8, at byte 2")
  }

  @Test(arguments: [
    (0, "90"), (15, "9f"), (16, "dc0010"), (65535, "dcffff"), (65536, "dd00010000"),
  ])
  func arraysTakeTheShortestFormat(_ count: Int, _ header: String) throws {
    let values = [Bool](repeating: true, count: count)
    #expect(try values.messagePack() == hex(header) + filled(count, 0xc3))
    #expect(try [Bool](messagePack: hex(header) + filled(count, 0xc3)) == values)
  }

  @Test(arguments: [0, 15, 16, 65535, 65536])
  func mapsTakeTheShortestFormat(_ count: Int) throws {
    let values = Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, $0 % 2 == 0) })
    let bytes = try values.messagePack()
    let header = count < 16 ? 1 : count < 65536 ? 3 : 5
    #expect(bytes[0] == (count < 16 ? 0x80 | UInt8(count) : count < 65536 ? 0xde : 0xdf))
    #expect(bytes.count > header + count || count == 0)
    #expect(try [Int: Bool](messagePack: bytes) == values)
  }

  @Test func aLongerHeaderThanNeededIsRead() throws {
    #expect(try [Int](messagePack: hex("dc000101")) == [1])
    #expect(try [Int](messagePack: hex("dd0000000101")) == [1])
    #expect(try [Int: Int](messagePack: hex("de00010102")) == [1: 2])
    #expect(try [Int: Int](messagePack: hex("df000000010102")) == [1: 2])
    #expect(try String(messagePack: hex("db0000000161")) == "a")
    #expect(try [UInt8](messagePack: hex("c60000000161")) == [0x61])
  }

  @Test(arguments: [
    (0, "c70005"), (1, "d405"), (2, "d505"), (3, "c70305"), (4, "d605"), (8, "d705"), (16, "d805"),
    (17, "c71105"), (255, "c7ff05"), (256, "c8010005"), (65535, "c8ffff05"), (65536, "c90001000005"),
  ])
  func extensionsTakeTheShortestFormat(_ count: Int, _ header: String) throws {
    let value = MessagePackExtension(type: 5, bytes: filled(count))
    #expect(try value.messagePack() == hex(header) + filled(count))
    #expect(try MessagePackExtension(messagePack: hex(header) + filled(count)) == value)
    #expect(try MessagePackValue(messagePack: value.messagePack()) == .extension(value))
  }

  @Test(arguments: [-128, -2, 0, 127] as [Int8])
  func everyExtensionTypeGoesBothWays(_ type: Int8) throws {
    let value = MessagePackExtension(type: type, bytes: [1, 2, 3])
    #expect(try MessagePackExtension(messagePack: value.messagePack()) == value)
  }

  @Test func ofAKeyThatComesTwiceTheLastValueIsKept() throws {
    let bytes = hex("82a16101a16102")
    #expect(try [String: Int](messagePack: bytes) == ["a": 2])
    #expect(try MessagePackValue(messagePack: bytes)["a"] == .int(2))
    #expect(try AddArgs(messagePack: hex("83a16101a16102a16203")) == AddArgs(a: 2, b: 3))
    #expect(try MessagePackDecoder().decode([String: Int].self, from: bytes) == ["a": 2])
  }

  @Test func binaryIsLentWhereItLies() throws {
    let bytes = hex("92c403010203d50506 07")
    var reader = MessagePackReader(bytes.span)
    #expect(try reader.beginArray() == 2)
    let binary = try reader.binary()
    let inside = unsafe bytes.withUnsafeBytes { all in
      binary.withUnsafeBytes { $0.baseAddress == all.baseAddress.map { $0 + 3 } && $0.count == 3 }
    }
    #expect(inside)
    let view = try reader.ext()
    #expect(view.type == 5)
    #expect(view.bytes.byteCount == 2)
    reader.endContainer()
    try reader.finish()
  }

  @Test func whatIsReadIsWrittenAgainBitForBit() throws {
    for bytes in corpus {
      let value = try MessagePackValue(messagePack: bytes)
      #expect(try value.messagePack() == bytes)
      #expect(try MessagePackDecoder().decode(MessagePackValue.self, from: bytes) == value)
      var reader = MessagePackReader(bytes.span)
      try reader.skip()
      try reader.finish()
    }
  }

  @Test func theWriterUsesTheCallersMemoryUntilItIsFull() throws {
    let text = [0xa7] + Array("seven b".utf8)
    unsafe withUnsafeTemporaryAllocation(byteCount: 8, alignment: 1) { memory in
      var writer = unsafe MessagePackWriter(scratch: memory)
      writer.string("seven b")
      var isInScratch = writer.isInScratch
      #expect(isInScratch)
      #expect(unsafe Array(memory) == text)
      writer.null()
      isInScratch = writer.isInScratch
      #expect(!isInScratch)
      let bytes = writer.takeBytes()
      #expect(bytes == text + [0xc0])
      let count = writer.count
      #expect(count == 0)
    }
  }

  @Test(arguments: [-1, 1 << 32])
  func whatIsTooLongForTheFormatIsNoted(_ count: Int) {
    func written(_ write: (inout MessagePackWriter) -> Void) -> (bytes: [UInt8], over: Bool) {
      var writer = MessagePackWriter()
      write(&writer)
      return (writer.takeBytes(), writer.hasOverflowed)
    }
    #expect(written { $0.arrayHeader(count) } == ([0xc0], true))
    #expect(written { $0.mapHeader(count) } == ([0xc0], true))
    #expect(written { $0.arrayHeader(0xffff_ffff) } == (hex("ddffffffff"), false))
    #expect(written { $0.mapHeader(0xffff_ffff) } == (hex("dfffffffff"), false))
    let again = written { writer in
      writer.mapHeader(count)
      writer.removeAll()
      writer.null()
    }
    #expect(again == ([0xc0], false))
  }
}
