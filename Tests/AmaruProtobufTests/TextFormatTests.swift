// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenEditions
import GoldenPlain
import Testing

struct TextFormatTests {
  private func old(_ text: String) throws -> Old {
    var options = TextDecodingOptions()
    options.allowsMissingFields = true
    return try Old(textFormat: text, options: options)
  }

  // MARK: Both ways

  @Test func everyFieldSurvives() throws {
    #expect(try AllTypes(textFormat: Samples.full.textFormat()) == Samples.full)
    let old = DynamicMessageTests.old
    #expect(try Old(textFormat: old.textFormat()) == old)
    var oneLine = TextEncodingOptions()
    oneLine.usesOneLine = true
    let line = try Samples.full.textFormat(options: oneLine)
    #expect(!line.contains("\n"))
    #expect(try AllTypes(textFormat: line) == Samples.full)
  }

  @Test func messageIsWrittenInTheOrderOfItsNumbers() throws {
    let old = Old.with {
      $0.raw = [0, 127, 255, 92, 34, 97]
      $0.name = "zł'\n"
      $0.id = -1
      $0.ratio = 1.5e300
      $0.share = 3
      $0.level = .high
      $0.byName = ["b": .some, "a": .none]
      $0.packedNumbers = [1, 2]
      $0.data = .with { $0.inner = .with { $0.text = "" } }
      $0[Proto2Extensions.number] = 7
      $0[Proto2Extensions.extra] = .with { $0.value = 1 }
    }
    let text = #"""
      id: -1
      name: "zł\'\n"
      raw: "\000\177\377\\\"a"
      ratio: 1.5e+300
      share: 3
      level: LEVEL_HIGH
      by_name {
        key: "a"
        value: ZEROED_NONE
      }
      by_name {
        key: "b"
        value: ZEROED_SOME
      }
      packed_numbers: 1
      packed_numbers: 2
      Data {
        Inner {
          text: ""
        }
      }
      [golden.proto2.number]: 7
      [golden.proto2.extra] {
        value: 1
      }

      """#
    #expect(try old.textFormat() == text)
    #expect(old.debugDescription == text)
    #expect("\(old)" == text)
    #expect(try Old(textFormat: text) == old)
  }

  @Test func unknownFieldsAreWrittenByNumberOnRequest() throws {
    let bytes: [UInt8] =
      [0xf8, 0x07, 5, 0xfd, 0x07, 1, 0, 0, 0, 0xf9, 0x07, 1, 0, 0, 0, 0, 0, 0, 0]
      + [0xfa, 0x07, 2, 0x08, 1, 0xfa, 0x07, 1, 0xff, 0xfb, 0x07, 0x08, 2, 0xfc, 0x07]
    let message = try Empty(decoding: bytes)
    #expect(try message.textFormat() == "")
    #expect(
      message.debugDescription == #"""
        127: 5
        127: 0x00000001
        127: 0x0000000000000001
        127 {
          1: 1
        }
        127: "\377"
        127 {
          1: 2
        }

        """#)
    let error = TextFormatError(
      line: 1, column: 1, reason: "the name of a field is expected")
    #expect(throws: error) { try Empty(textFormat: "127: 5") }
  }

  @Test func anyIsExpandedAndRead() throws {
    let duration = Google_Protobuf_Duration.with { $0.seconds = 5 }
    let any = Google_Protobuf_Any.with {
      $0.typeUrl = "type.googleapis.com/google.protobuf.Duration"
      $0.value = duration.encoded()
    }
    var options = TextDecodingOptions()
    options.pool = .wellKnown
    let expanded = "[type.googleapis.com/google.protobuf.Duration] {\n  seconds: 5\n}\n"
    #expect(try Google_Protobuf_Any(textFormat: expanded, options: options) == any)
    var encoding = TextEncodingOptions()
    encoding.pool = .wellKnown
    #expect(try any.textFormat(options: encoding).hasPrefix("type_url: "))
    encoding.expandsAny = true
    #expect(try any.textFormat(options: encoding) == expanded)
    for text in [
      "[a/google.protobuf.Nothing] {}", "[a/google.protobuf.Duration] {} value: ''",
      "type_url: '' [a/google.protobuf.Duration] {}", "[a/google.protobuf.Duration] {",
      "[google.protobuf.Duration] {}", "[/google.protobuf.Duration] {}", "[] {}", "[a/b c: 1",
    ] {
      #expect(throws: TextFormatError.self, "\(text)") {
        try Google_Protobuf_Any(textFormat: text, options: options)
      }
    }
    // In another message there is no such field.
    #expect(throws: TextFormatError.self) {
      try old("[a/google.protobuf.Duration] {}")
    }
  }

  @Test func itemsOfAMessageSetAreNamedByTheirMessage() throws {
    let set = OldSet.with { $0[InSet.Extensions.item] = .with { $0.text = "t" } }
    let text = "[golden.proto2.InSet] {\n  text: \"t\"\n}\n"
    #expect(try set.textFormat() == text)
    #expect(try OldSet(textFormat: text) == set)
    #expect(try OldSet(textFormat: "[golden.proto2.InSet.item] { text: 't' }") == set)
  }

  @Test func delimitedFieldsHaveTheirOwnNames() throws {
    // Only a field that is named as a group would be has its message's name.
    let fields = try Fields(
      textFormat: "required: 1 delimited { text: 'a' } parts [{}, <text: 'b'>] left {}")
    #expect(fields.delimited?.text == "a")
    #expect(fields.parts.map(\.text) == ["", "b"])
    #expect(try Fields(textFormat: fields.textFormat()) == fields)
    let message = try Delimited(textFormat: "hidden { value: 1 }")
    #expect(message.hidden?.value == 1)
    #expect(try Delimited(textFormat: "Hidden { value: 1 }") == message)
    #expect(try message.textFormat() == "Hidden {\n  value: 1\n}\n")
  }

  // MARK: Reading

  @Test(arguments: [
    "id: 1 numbers: 1 numbers: 2", "id:1,numbers:[1,2]", "id:1;numbers: [ 1 , 2 ];",
    "# comment\nid: 1 # other\nnumbers: 0x1 numbers # : 5\n: 02", "id : 01 numbers:[] numbers:[1,0X2]",
  ])
  func formIsFree(_ text: String) throws {
    let message = try old(text)
    #expect(message.id == 1)
    #expect(message.numbers == [1, 2])
  }

  @Test func messagesStandInBracesOfBothKinds() throws {
    let message = try old(
      "data: { Inner < text: 'a' > } Row { key: 'x' } Row: [ { key: 'y' }, < key: 'z'; > ]"
        + "by_name { key: 'a' value: 1 } by_name: [{value: ZEROED_SOME}, {key: 'a', value: 0}]"
        + "children <>")
    #expect(message.data?.inner?.text == "a")
    #expect(message.row.map(\.key) == ["x", "y", "z"])
    #expect(message.byName == ["a": .none, "": .some])
    #expect(message.children == [0: Old()])
  }

  @Test func stringsAreJoinedAndUnescaped() throws {
    let joined = try old(#"name: "a" 'b'"# + "\n # and\n" + #" '"' "'c""#)
    #expect(joined.name == "ab\"'c")
    let all = #"raw: "\a\b\f\n\r\t\v\?\\\'\"\0\12\1234\x1\xABC\u0041\U0001F40D""#
    #expect(
      try old(all).raw
        == [7, 8, 12, 10, 13, 9, 11, 63, 92, 39, 34, 0, 10, 83, 52, 1, 0xab, 67, 65]
        + Array("🐍".utf8))
    #expect(try old("raw: '\\377\\xff'").raw == [255, 255])
  }

  @Test(arguments: [
    ("1", 1), ("-1.5", -1.5), ("- 2", -2), (".5", 0.5), ("1.", 1), ("1e3", 1000), ("1.5E-2", 0.015),
    ("10f", 10), ("1.5F", 1.5), ("inf", .infinity), ("-Infinity", -.infinity),
    ("18446744073709551616", 18_446_744_073_709_551_616), ("0", 0), ("0.0", 0), ("1e999", .infinity),
  ])
  func numberIsADouble(_ text: String, _ value: Double) throws {
    #expect(try old("ratio: \(text)").ratio == value)
  }

  @Test func nanAndNegativeZeroAreRead() throws {
    #expect(try old("ratio: nan").ratio?.isNaN == true)
    #expect(try old("share: -nan").share?.isNaN == true)
    #expect(try old("share: -0").share?.sign == .minus)
  }

  @Test(arguments: [
    ("true", true), ("True", true), ("t", true), ("1", true), ("0x1", true), ("01", true),
    ("false", false), ("False", false), ("f", false), ("0", false),
  ])
  func boolHasManyForms(_ text: String, _ value: Bool) throws {
    #expect(try old("on: \(text)").on == value)
  }

  @Test func limitsOfIntegersAreExact() throws {
    #expect(try old("id: -2147483648").id == .min)
    #expect(try old("count: -9223372036854775808").count == .min)
    #expect(try old("count: 0x7fffffffffffffff").count == .max)
    let all = try AllTypes(textFormat: "uint64_value: 18446744073709551615 uint32_value: 037777777777")
    #expect(all.uint64Value == .max)
    #expect(all.uint32Value == .max)
    for text in [
      "id: 2147483648", "id: -2147483649", "count: 9223372036854775808",
      "count: -9223372036854775809", "size: 4294967296", "size: -1", "size: -0", "on: 2", "on: -1",
      "id: 99999999999999999999999",
    ] {
      #expect(throws: TextFormatError.self, "\(text)") { try old(text) }
    }
  }

  @Test func enumsAreNamesOrNumbers() throws {
    #expect(try old("level: LEVEL_EXTREME levels: [1, -5]").levels == [.low, .extreme])
    #expect(throws: TextFormatError.self) { try old("level: 9") }
    #expect(throws: TextFormatError.self) { try old("level: LEVEL_NONE") }
    // An open enum takes every number.
    #expect(try AllTypes(textFormat: "color_value: 99").colorValue.rawValue == 99)
    #expect(throws: TextFormatError.self) { try AllTypes(textFormat: "color_value: 2147483648") }
  }

  @Test(arguments: [
    // A field is unknown, not named, without colon, without value.
    "nothing: 1", "1: 1", "id 1", "id:", "id", ":", "name: abc", "[golden.proto2.nothing]: 1",
    "[golden.proto2.InSet.item] {}", "[golden.proto2.number: 1", "\"id\": 1",
    // Set twice.
    "id: 1 id: 1", "next {} next {}", "chosen: 1 size: 0", "chosen: 1 chosen: 1",
    "[golden.proto2.number]: 1 [golden.proto2.number]: 1", "by_name { key: '' key: '' }",
    // Braces and brackets.
    "next {", "next <}", "next }", "}", "next: 1", "id: [1]", "next [{}]", "numbers: [1,]",
    "numbers: [1 2]", "numbers: [1", "numbers: [[1]]", "row {} , ,", "next [", "by_name: 1",
    // Strings.
    "name: 'a", "name: 'a\nb'", "name: \"a'", "name: '\\8'", "name: '\\400'", "name: '\\x'",
    "name: '\\u123'", "name: '\\ud83d\\ude00'", "name: '\\U00110000'", "name: '\\", "name: '\\q'",
    "name: '\\377'", "name: '\\xc0'", "name: 5",
    // Numbers.
    "id: 1.0", "id: 1f", "id: 1x", "id: 08", "id: 0x", "id: 0xg", "id: --1", "id: '1'", "id: +1",
    "ratio: 0x1", "ratio: 010", "ratio: 1e", "ratio: 1.2.3", "ratio: 010f", "ratio: .", "ratio: infi",
    "ratio: 1 2", "on: yes", "on: 1.0",
  ])
  func malformedTextIsRefused(_ text: String) {
    #expect(throws: TextFormatError.self) { try old(text) }
  }

  @Test func errorNamesLineAndColumn() {
    let text = "id: 1\n# ü\nname: 'ü' nothing: 1"
    #expect(
      throws: TextFormatError(
        line: 3, column: 11, reason: "golden.proto2.Old has no field nothing")
    ) { try old(text) }
    #expect("\(TextFormatError(line: 3, column: 11, reason: "why"))" == "3:11: why")
  }

  @Test func requiredFieldsAreChecked() throws {
    #expect(throws: TextFormatError.self) { try Old(textFormat: "name: 'a'") }
    #expect(throws: TextFormatError.self) { try Old(textFormat: "id: 1 Row {}") }
    #expect(try Old(textFormat: "id: 1 Row { key: '' }").row.count == 1)
  }

  @Test func nestsAsDeepAsTheLimit() throws {
    let limit = Reader.defaultDepthLimit
    func nested(_ depth: Int) -> String {
      String(repeating: "left {", count: depth) + String(repeating: "}", count: depth)
    }
    let tree = try Tree(textFormat: nested(limit))
    #expect(try Tree(textFormat: tree.textFormat()) == tree)
    #expect(throws: TextFormatError.self) { try Tree(textFormat: nested(limit + 1)) }
    var options = TextDecodingOptions()
    options.depthLimit = 1
    #expect(throws: TextFormatError.self) { try Tree(textFormat: nested(2), options: options) }
    // A message that is deeper than can be read is described all the same.
    let deeper = Tree.with { $0.left = tree }
    #expect(throws: DynamicMessageError.malformed(.depthLimitExceeded)) {
      try deeper.textFormat()
    }
    #expect(deeper.debugDescription.hasPrefix("golden.Tree ("))
  }
}
