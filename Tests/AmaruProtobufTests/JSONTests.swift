// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenPlain
import Testing

/// The JSON form of ordinary messages, in and out.
struct JSONTests {
  @Test func everyFieldSurvives() throws {
    let text = try Samples.full.json()
    #expect(try AllTypes(json: text) == Samples.full)
    #expect(try AllTypes(json: Samples.full.jsonString()) == Samples.full)
    let names = try Samples.full.json(options: .with { $0.usesProtoNames = true })
    #expect(try AllTypes(json: names) == Samples.full)
    let numbers = try Samples.full.json(options: .with { $0.writesEnumNumbers = true })
    #expect(try AllTypes(json: numbers) == Samples.full)
    let defaults = try Samples.full.json(options: .with { $0.writesDefaults = true })
    #expect(try AllTypes(json: defaults) == Samples.full)
  }

  /// What is written for a message, and read again.
  @Test(
    arguments: [
      (.init(), "{}"),
      (.with { $0.int32Value = -12 }, #"{"int32Value":-12}"#),
      (.with { $0.int64Value = .min }, #"{"int64Value":"-9223372036854775808"}"#),
      (.with { $0.uint64Value = .max }, #"{"uint64Value":"18446744073709551615"}"#),
      (.with { $0.uint32Value = .max }, #"{"uint32Value":4294967295}"#),
      (.with { $0.fixed64Value = 1 }, #"{"fixed64Value":"1"}"#),
      (.with { $0.sfixed32Value = 10 }, #"{"sfixed32Value":10}"#),
      (.with { $0.boolValue = true }, #"{"boolValue":true}"#),
      (.with { $0.stringValue = "a\"\\/\n\u{1}\u{7f}é🐍" }, #"{"stringValue":"a\"\\/\n\u0001é🐍"}"#),
      (.with { $0.bytesValue = [0xfb, 0xff] }, #"{"bytesValue":"+/8="}"#),
      (.with { $0.bytesValue = [1] }, #"{"bytesValue":"AQ=="}"#),
      (.with { $0.bytesValue = [1, 2, 3] }, #"{"bytesValue":"AQID"}"#),
      (.with { $0.nestedValue = .init() }, #"{"nestedValue":{}}"#),
      (.with { $0.colorValue = .darkRed }, #"{"colorValue":"COLOR_DARK_RED"}"#),
      (.with { $0.colorValue = .negative }, #"{"colorValue":"COLOR_NEGATIVE"}"#),
      (.with { $0.colorValue = .init(rawValue: 99) }, #"{"colorValue":99}"#),
      (.with { $0.optionalInt32 = 0 }, #"{"optionalInt32":0}"#),
      (.with { $0.optionalString = "" }, #"{"optionalString":""}"#),
      (.with { $0.repeatedInt32 = [1, -2] }, #"{"repeatedInt32":[1,-2]}"#),
      (.with { $0.repeatedNested = [.init(), .with { $0.name = "n" }] }, #"{"repeatedNested":[{},{"name":"n"}]}"#),
      (.with { $0.stringToInt64 = ["k\"": 1] }, #"{"stringToInt64":{"k\"":"1"}}"#),
      (.with { $0.int32ToString = [-1: "x"] }, #"{"int32ToString":{"-1":"x"}}"#),
      (.with { $0.boolToNested = [true: .init()] }, #"{"boolToNested":{"true":{}}}"#),
      (.with { $0.payment = .cash(0) }, #"{"cash":"0"}"#),
      (.with { $0.wrapped = .with { $0.value = "w" } }, #"{"wrapped":"w"}"#),
      (.with { $0.created = .init() }, #"{"created":"1970-01-01T00:00:00Z"}"#),
      (.with { $0.last = 1 }, #"{"last":1}"#),
    ] as [(AllTypes, String)])
  func aMessageHasOneForm(_ message: AllTypes, _ text: String) throws {
    #expect(try message.jsonString() == text.replacing("\\u0001é", with: "\\u0001\u{7f}é"))
    #expect(try AllTypes(json: message.json()) == message)
  }

  /// Forms that are accepted and not written.
  @Test(
    arguments: [
      (#" { "int32Value" : 1 } "#, .with { $0.int32Value = 1 }),
      (
        "\t{\r\n\"int32Value\"\n:\n1\n,\"boolValue\":true}",
        .with {
          $0.int32Value = 1; $0.boolValue = true
        }
      ),
      (#"{"int32_value":1}"#, .with { $0.int32Value = 1 }),
      (#"{"int32\u0056alue":1}"#, .with { $0.int32Value = 1 }),
      (#"{"int32Value":"1"}"#, .with { $0.int32Value = 1 }),
      (#"{"int32Value":"\u0031"}"#, .with { $0.int32Value = 1 }),
      (#"{"int32Value":1e3}"#, .with { $0.int32Value = 1000 }),
      (#"{"int32Value":1.0}"#, .with { $0.int32Value = 1 }),
      (#"{"int32Value":"1.5e1"}"#, .with { $0.int32Value = 15 }),
      (#"{"int32Value":-2147483648.0}"#, .with { $0.int32Value = .min }),
      (#"{"int32Value":100000e-5}"#, .with { $0.int32Value = 1 }),
      (#"{"int32Value":-0}"#, .init()),
      (#"{"int64Value":-9223372036854775808}"#, .with { $0.int64Value = .min }),
      (#"{"uint64Value":1.8446744073709551615e19}"#, .with { $0.uint64Value = .max }),
      (#"{"doubleValue":"1.5"}"#, .with { $0.doubleValue = 1.5 }),
      (#"{"doubleValue":1e-400}"#, .init()),
      (#"{"doubleValue":"Infinity"}"#, .with { $0.doubleValue = .infinity }),
      (#"{"floatValue":"-Infinity"}"#, .with { $0.floatValue = -.infinity }),
      (#"{"floatValue":3.4028235e38}"#, .with { $0.floatValue = .greatestFiniteMagnitude }),
      (#"{"bytesValue":"-_8"}"#, .with { $0.bytesValue = [0xfb, 0xff] }),
      (#"{"bytesValue":"-_"}"#, .with { $0.bytesValue = [0xfb] }),
      (#"{"bytesValue":"+\/8="}"#, .with { $0.bytesValue = [0xfb, 0xff] }),
      (#"{"colorValue":1}"#, .with { $0.colorValue = .blue }),
      (#"{"colorValue":"COLOR_\u0042LUE"}"#, .with { $0.colorValue = .blue }),
      (#"{"stringValue":"\ud83d\ude00\/\b\f\n\r\t"}"#, .with { $0.stringValue = "😀/\u{8}\u{c}\n\r\t" }),
      (#"{"int32Value":null,"nestedValue":null,"repeatedInt32":null,"stringToInt64":null}"#, .init()),
      (#"{"slate":null,"cash":"1"}"#, .with { $0.payment = .cash(1) }),
      (#"{"cash":"1","slate":null}"#, .with { $0.payment = .cash(1) }),
      (#"{"wrapped":null}"#, .init()),
      (#"{"repeatedInt32":[ ],"stringToInt64":{ }}"#, .init()),
      (#"{"int32ToString":{"1e1":"x"}}"#, .with { $0.int32ToString = [10: "x"] }),
    ] as [(String, AllTypes)])
  func otherFormsAreRead(_ text: String, _ message: AllTypes) throws {
    #expect(try AllTypes(json: text) == message)
  }
}

extension JSONEncodingOptions {
  static func with(_ populate: (inout Self) -> Void) -> Self {
    var options = Self()
    populate(&options)
    return options
  }
}

extension JSONDecodingOptions {
  static func with(_ populate: (inout Self) -> Void) -> Self {
    var options = Self()
    populate(&options)
    return options
  }
}
