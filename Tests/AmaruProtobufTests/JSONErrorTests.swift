// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenEditions
import GoldenPlain
import Testing

/// What is not the JSON form of a message: each error with its kind, line, column and path.
struct JSONErrorTests {
  private static let type = "golden.AllTypes"

  @Test(
    arguments: [
      // Syntax.
      ("", .unexpectedEnd, 1, 1, ""),
      (" \n ", .unexpectedEnd, 2, 2, ""),
      ("[]", .expected("an object"), 1, 1, ""),
      ("null", .expected("an object"), 1, 1, ""),
      ("{", .unexpectedEnd, 1, 2, ""),
      ("{]", .expected("a key"), 1, 2, ""),
      ("{} {}", .trailingBytes, 1, 4, ""),
      ("{},", .trailingBytes, 1, 3, ""),
      (#"{"int32Value":1,}"#, .expected("a key"), 1, 17, ""),
      (#"{,"int32Value":1}"#, .expected("a key"), 1, 2, ""),
      (#"{"int32Value" 1}"#, .expected("':'"), 1, 15, "int32Value"),
      (#"{"int32Value":1 "boolValue":true}"#, .expected("',' or '}'"), 1, 17, "int32Value"),
      (#"{int32Value:1}"#, .expected("a key"), 1, 2, ""),
      (#"{'int32Value':1}"#, .expected("a key"), 1, 2, ""),
      (#"{"int32Value":}"#, .expected("an integer"), 1, 15, "int32Value"),
      (#"{"repeatedInt32":[1,]}"#, .expected("an integer"), 1, 21, "repeatedInt32[1]"),
      (#"{"repeatedInt32":[1 2]}"#, .expected("',' or ']'"), 1, 21, "repeatedInt32[0]"),
      (#"{"repeatedInt32":[1"#, .unexpectedEnd, 1, 20, "repeatedInt32[0]"),
      (#"{"repeatedInt32":{}}"#, .expected("a list"), 1, 18, "repeatedInt32"),
      (#"{"stringToInt64":[]}"#, .expected("an object"), 1, 18, "stringToInt64"),
      (#"{"nestedValue":[]}"#, .expected("an object"), 1, 16, "nestedValue"),
      ("{\"int32Value\":1}\u{0}", .trailingBytes, 1, 17, ""),
      // Strings.
      ("{\"stringValue\":\"a\u{1}\"}", .controlCharacter, 1, 18, "stringValue"),
      ("{\"stringValue\":\"0123456\t\"}", .controlCharacter, 1, 24, "stringValue"),
      (#"{"stringValue":"a"#, .unexpectedEnd, 1, 18, "stringValue"),
      (#"{"stringValue":"a\"#, .unexpectedEnd, 1, 18, "stringValue"),
      (#"{"stringValue":"a\x"}"#, .invalidEscape, 1, 18, "stringValue"),
      (#"{"stringValue":"\u12g4"}"#, .invalidEscape, 1, 17, "stringValue"),
      (#"{"stringValue":"\u123"}"#, .invalidEscape, 1, 17, "stringValue"),
      (#"{"stringValue":"ab\ud800"}"#, .invalidEscape, 1, 19, "stringValue"),
      (#"{"stringValue":"\ud800\ud800"}"#, .invalidEscape, 1, 17, "stringValue"),
      (#"{"stringValue":"\udc00"}"#, .invalidEscape, 1, 17, "stringValue"),
      (#"{"stringValue":1}"#, .expected("a string"), 1, 16, "stringValue"),
      // Numbers.
      (#"{"int32Value":2147483648}"#, .numberOutOfRange, 1, 15, "int32Value"),
      (#"{"int32Value":-2147483649}"#, .numberOutOfRange, 1, 15, "int32Value"),
      (#"{"uint32Value":4294967296}"#, .numberOutOfRange, 1, 16, "uint32Value"),
      (#"{"uint32Value":-1}"#, .numberOutOfRange, 1, 16, "uint32Value"),
      (#"{"int64Value":"9223372036854775808"}"#, .numberOutOfRange, 1, 15, "int64Value"),
      (#"{"int64Value":-9223372036854775809}"#, .numberOutOfRange, 1, 15, "int64Value"),
      (#"{"uint64Value":18446744073709551616}"#, .numberOutOfRange, 1, 16, "uint64Value"),
      (#"{"int32Value":1e400000000000000000}"#, .numberOutOfRange, 1, 15, "int32Value"),
      (#"{"int32Value":0.5}"#, .notAnInteger, 1, 15, "int32Value"),
      (#"{"int32Value":1e-1}"#, .notAnInteger, 1, 15, "int32Value"),
      (
        #"{"int64Value":1.0000000000000000000000000000000000000001}"#, .notAnInteger, 1, 15, "int64Value"
      ),
      (#"{"int64Value":10000000000000000000000000000000000000001}"#, .numberOutOfRange, 1, 15, "int64Value"),
      (#"{"int64Value":10000000000000000000000000000000000000001e-1}"#, .notAnInteger, 1, 15, "int64Value"),
      (#"{"int32Value":01}"#, .expected("an integer"), 1, 15, "int32Value"),
      (#"{"int32Value":+1}"#, .expected("an integer"), 1, 15, "int32Value"),
      (#"{"int32Value":.5}"#, .expected("an integer"), 1, 15, "int32Value"),
      (#"{"int32Value":1.}"#, .expected("an integer"), 1, 15, "int32Value"),
      (#"{"int32Value":1e}"#, .expected("an integer"), 1, 15, "int32Value"),
      (#"{"int32Value":0x1}"#, .expected("',' or '}'"), 1, 16, "int32Value"),
      (#"{"int32Value":""}"#, .expected("an integer"), 1, 15, "int32Value"),
      (#"{"int32Value":" 1"}"#, .expected("an integer"), 1, 15, "int32Value"),
      (#"{"int32Value":"1 "}"#, .expected("an integer"), 1, 15, "int32Value"),
      (#"{"int32Value":true}"#, .expected("an integer"), 1, 15, "int32Value"),
      (#"{"doubleValue":1e400}"#, .numberOutOfRange, 1, 16, "doubleValue"),
      (#"{"doubleValue":-1.7977e308}"#, .numberOutOfRange, 1, 16, "doubleValue"),
      (#"{"doubleValue":NaN}"#, .expected("a number"), 1, 16, "doubleValue"),
      (#"{"doubleValue":-Infinity}"#, .expected("a number"), 1, 16, "doubleValue"),
      (#"{"doubleValue":"nan"}"#, .expected("a number"), 1, 16, "doubleValue"),
      (#"{"floatValue":3.5e38}"#, .numberOutOfRange, 1, 15, "floatValue"),
      (#"{"boolValue":"true"}"#, .expected("true or false"), 1, 14, "boolValue"),
      (#"{"boolValue":1}"#, .expected("true or false"), 1, 14, "boolValue"),
      // Other values.
      (#"{"bytesValue":"A"}"#, .invalidBase64, 1, 15, "bytesValue"),
      (#"{"bytesValue":"AB="}"#, .invalidBase64, 1, 15, "bytesValue"),
      (#"{"bytesValue":"===="}"#, .invalidBase64, 1, 15, "bytesValue"),
      (#"{"bytesValue":"A!=="}"#, .invalidBase64, 1, 15, "bytesValue"),
      (
        #"{"colorValue":"RED"}"#, .unknownEnumValue("RED", enumeration: "golden.AllTypes.Color"), 1,
        15, "colorValue"
      ),
      (#"{"colorValue":1.5}"#, .notAnInteger, 1, 15, "colorValue"),
      (#"{"repeatedInt32":[null]}"#, .unexpectedNull, 1, 19, "repeatedInt32[0]"),
      (#"{"repeatedNested":[{},null]}"#, .unexpectedNull, 1, 23, "repeatedNested[1]"),
      (#"{"stringToInt64":{"a":null}}"#, .unexpectedNull, 1, 23, "stringToInt64.a"),
      (#"{"int32Value":nul}"#, .expected("an integer"), 1, 15, "int32Value"),
      // Keys.
      (#"{"x":1}"#, .unknownField("x", message: type), 1, 2, ""),
      ("{\"nestedValue\":\n  {\"x\":1}}", .unknownField("x", message: type + ".Nested"), 2, 4, "nestedValue"),
      (#"{"int32Value":1,"int32Value":1}"#, .duplicateKey("int32Value"), 1, 17, ""),
      (#"{"int32Value":1,"int32_value":1}"#, .duplicateKey("int32_value"), 1, 17, ""),
      (#"{"int32Value":null,"int32Value":1}"#, .duplicateKey("int32Value"), 1, 20, ""),
      (#"{"stringToInt64":{"a":1,"\u0061":1}}"#, .duplicateKey("a"), 1, 25, "stringToInt64"),
      (#"{"boolToNested":{"maybe":{}}}"#, .expected(#""true" or "false""#), 1, 18, "boolToNested"),
      (#"{"int32ToString":{"x":""}}"#, .expected("an integer"), 1, 19, "int32ToString"),
      (#"{"int32ToString":{"1":"","1.0":""}}"#, .duplicateKey("1.0"), 1, 26, "int32ToString"),
      (#"{"slate":"","cash":"1"}"#, .secondMemberOfOneof, 1, 20, "cash"),
      (#"{"wrapped":{"value":"x"}}"#, .expected("a string"), 1, 12, "wrapped"),
      (#"{"stringToBytes":{"a.b":1}}"#, .expected("a string"), 1, 25, #"stringToBytes["a.b"]"#),
    ] as [(String, JSONDecodingError.Kind, Int, Int, String)])
  func eachErrorSaysWhatAndWhere(
    _ text: String, _ kind: JSONDecodingError.Kind, _ line: Int, _ column: Int, _ path: String
  ) throws {
    let error = try #require(throws: JSONDecodingError.self) { try AllTypes(json: text) }
    #expect(error.kind == kind)
    #expect(error.line == line)
    #expect(error.column == column)
    #expect(error.path == path)
  }

  @Test func invalidUTF8IsAnErrorEverywhere() throws {
    for text in [
      #"{"stringValue":"?"}"#, #"{"stringValue":"\n?"}"#, #"{"?":1}"#, #"{"bytesValue":"?"}"#,
      #"{"stringToInt64":{"?":1}}"#, #"{"colorValue":"?"}"#,
    ] {
      for bytes: [UInt8] in [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf5, 1, 2, 3]] {
        let input = text.utf8.flatMap { $0 == UInt8(ascii: "?") ? bytes : [$0] }
        var options = JSONDecodingOptions()
        options.ignoresUnknownFields = true
        let error = #expect(throws: JSONDecodingError.self) {
          try AllTypes(json: input, options: options)
        }
        #expect(error?.kind == .invalidUTF8 || error?.kind == .controlCharacter)
      }
    }
    #expect(throws: JSONDecodingError.self) { try AllTypes(json: [0xef, 0xbb, 0xbf, 0x7b, 0x7d]) }
  }

  @Test func everyPrefixIsRefused() throws {
    let text = try Samples.full.json()
    for count in 0..<text.count {
      #expect(throws: JSONDecodingError.self) { try AllTypes(json: Array(text[..<count])) }
    }
  }

  @Test func descriptionsNameThePlace() {
    let error = #expect(throws: JSONDecodingError.self) {
      try AllTypes(json: "{\n \"repeatedNested\": [{}, {\"numbers\": [1, \"x\"]}]}")
    }
    #expect(
      error?.description
        == "JSON line 2, column 41, at repeatedNested[1].numbers[1]: expected an integer")
    #expect(error == error)
  }

  // MARK: Options

  @Test func unknownFieldsAreIgnoredOnRequest() throws {
    let options = JSONDecodingOptions.with { $0.ignoresUnknownFields = true }
    let text = #"""
      {"x": {"y": [1, "a\n", null, true, false, -1.5e3, {}]}, "int32Value": 1, "x": [],
       "colorValue": "RED", "repeatedColor": ["RED", "COLOR_BLUE"],
       "sfixed64ToColor": {"1": "RED", "2": "COLOR_BLUE"}, "token": "RED"}
      """#
    let message = try AllTypes(json: text, options: options)
    #expect(
      message
        == .with {
          $0.int32Value = 1
          $0.repeatedColor = [.blue]
          $0.sfixed64ToColor = [2: .blue]
        })
    for wrong in [
      #"{"x":}"#, #"{"x":[1,]}"#, #"{"x":{"a"}}"#, #"{"x":01}"#, #"{"x":"\q"}"#, #"{"x":nulL}"#,
      #"{"x":tru}"#, #"{"x":{"a":1,}}"#, #"{"x":NaN}"#, #"{"x":1 2}"#, #"{"x":-}"#,
    ] {
      #expect(throws: JSONDecodingError.self) { try AllTypes(json: wrong, options: options) }
    }
  }

  @Test func nestingIsLimited() throws {
    func tree(_ depth: Int) -> String {
      String(repeating: #"{"left":"#, count: depth) + "{}" + String(repeating: "}", count: depth)
    }
    _ = try Tree(json: tree(100))
    #expect(throws: JSONDecodingError.self) { try Tree(json: tree(101)) }
    let options = JSONDecodingOptions.with { $0.depthLimit = 3 }
    _ = try Tree(json: tree(3), options: options)
    let error = #expect(throws: JSONDecodingError.self) { try Tree(json: tree(4), options: options) }
    #expect(error?.kind == .depthLimitExceeded)
    #expect(error?.path == "left.left.left.left")
    // Lists and objects that are passed over, and those of Struct, count too.
    func list(_ depth: Int) -> String {
      #"{"x":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
    }
    let ignoring = JSONDecodingOptions.with { $0.ignoresUnknownFields = true }
    _ = try Tree(json: list(100), options: ignoring)
    #expect(throws: JSONDecodingError.self) { try Tree(json: list(101), options: ignoring) }
    _ = try Google_Protobuf_Struct(json: list(49))
    #expect(throws: JSONDecodingError.self) { try Google_Protobuf_Struct(json: list(50)) }
    #expect(throws: JSONDecodingError.self) {
      try Google_Protobuf_Struct(json: list(1_000_000))
    }
  }

  @Test func writingIsLimitedAsReadingIs() throws {
    func tree(_ depth: Int) -> Tree { depth == 0 ? Tree() : .with { $0.left = tree(depth - 1) } }
    _ = try Tree(json: tree(100).json())
    #expect(throws: JSONEncodingError.depthLimitExceeded) { try tree(101).json() }
  }
}
