// SPDX-License-Identifier: Apache-2.0

import AmaruMessagePack
import Testing

@Suite struct ErrorTests {
  @Test func aWrongTypeIsNamedWithItsPlace() {
    let cases: [(MessagePackError?, String)] = [
      (failure(Int.self, hex("a161")), "expected an integer, found a string, at byte 0"),
      (failure(String.self, hex("c40161")), "expected a string, found binary, at byte 0"),
      (failure(Bool.self, hex("c0")), "expected a boolean, found nil, at byte 0"),
      (failure(Double.self, hex("c2")), "expected a float, found a boolean, at byte 0"),
      (failure(Float.self, hex("90")), "expected a float, found an array, at byte 0"),
      (failure(Int.self, hex("ca00000000")), "expected an integer, found a float, at byte 0"),
      (failure([Int].self, hex("80")), "expected an array, found a map, at byte 0"),
      (failure([Int: Int].self, hex("d40500")), "expected a map, found an extension, at byte 0"),
      (failure([UInt8].self, hex("a161")), "expected binary, found a string, at byte 0"),
      (failure(MessagePackExtension.self, hex("05")), "expected an extension, found an integer, at byte 0"),
      (failure([Int].self, hex("9301a16102")), "[1]: expected an integer, found a string, at byte 2"),
      (
        failure([String: [Int?]].self, hex("81a16b93c001c3")),
        "k[2]: expected an integer, found a boolean, at byte 6"
      ),
      (failure(AddArgs.self, hex("82a16101a162a3787878")), "b: expected an integer, found a string, at byte 6"),
      (failure(AddArgs.self, hex("81a16101")), "b: the key is missing, at byte 4"),
      (failure([AddArgs].self, hex("9180")), "[0].a: the key is missing, at byte 2"),
    ]
    for (error, text) in cases { #expect(error?.description == text) }
  }

  @Test func theByteThatBeginsNothingIsRefused() {
    #expect(failure(MessagePackValue.self, hex("c1"))?.reason == .reservedByte)
    #expect(failure(Int.self, hex("c1"))?.reason == .reservedByte)
    #expect(failure(AddArgs.self, hex("81a178c1"))?.description == "x: the byte 0xc1 begins no value, at byte 3")
  }

  @Test(arguments: ["a1ff", "a2c328", "a3eda080", "d920" + String(repeating: "80", count: 32)])
  func stringsAreUTF8(_ bytes: String) {
    #expect(failure(String.self, hex(bytes))?.reason == .invalidUTF8)
    #expect(failure(MessagePackValue.self, hex(bytes))?.reason == .invalidUTF8)
  }

  @Test func bytesAfterTheValueAreRefused() {
    #expect(failure(Int.self, hex("0102"))?.description == "1 byte follows the value, at byte 1")
    #expect(throws: MessagePackError(.trailingBytes(2), offset: 1)) {
      _ = try MessagePackDecoder().decode(Int.self, from: hex("010203"))
    }
  }

  @Test func everyTruncationIsAnError() {
    for bytes in corpus {
      for count in 0..<min(bytes.count, 300) {
        let cut = Array(bytes[..<count])
        let error = failure(MessagePackValue.self, cut)
        guard case .truncated(let needed)? = error?.reason else {
          Issue.record("\(bytes.prefix(16)) cut to \(count): \(String(describing: error))")
          continue
        }
        #expect(needed > 0 && needed <= bytes.count - count)
        #expect(throws: MessagePackError.self) {
          var reader = MessagePackReader(cut.span)
          try reader.skip()
        }
        #expect(throws: MessagePackError.self) {
          _ = try MessagePackDecoder().decode(MessagePackValue.self, from: cut)
        }
      }
    }
  }

  @Test(arguments: 0...255 as ClosedRange<UInt8>)
  func everyFirstByteIsReadOrRefused(_ first: UInt8) throws {
    let bytes = [first] + filled(32, 0x00)
    var reader = MessagePackReader(bytes.span)
    var other = MessagePackReader(bytes.span)
    do throws(MessagePackError) {
      try reader.skip()
      let value = try MessagePackValue.readMessagePack(from: &other)
      #expect(reader.offset == other.offset)
      let again = try value.messagePack()
      #expect(try MessagePackValue(messagePack: again) == value)
    } catch {
      #expect(first == 0xc1 && error == MessagePackError(.reservedByte, offset: 0))
    }
  }

  @Test func aReaderReadsOneValueAfterAnother() throws {
    let bytes = hex("01a161c0")
    var reader = MessagePackReader(bytes.span)
    #expect(try reader.value(Int.self) == 1)
    #expect(try reader.kind() == .string)
    #expect(try reader.value(String.self) == "a")
    #expect(reader.remaining == 1)
    #expect(try reader.takeNull())
    try reader.finish()
    #expect(throws: MessagePackError(.truncated(needed: 1), offset: 4)) { try reader.null() }
  }

  @Test func keysInAKnownOrderAreTaken() throws {
    let bytes = hex("82a16101a362626202")
    var reader = MessagePackReader(bytes.span)
    #expect(try reader.beginMap() == 2)
    let steps = [
      reader.takeKey("b"), reader.takeKey("a"), try reader.integer(Int.self) == 1,
      reader.takeKey("bb"), reader.takeKey("bbbb"), reader.takeKey("bbb"),
      try reader.integer(Int.self) == 2, reader.takeKey(""),
    ]
    #expect(steps == [false, true, true, false, false, true, true, false])
  }
}
