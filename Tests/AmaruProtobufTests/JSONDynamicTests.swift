// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenEditions
import GoldenPlain
import Testing

/// JSON by descriptor, and extensions.
struct JSONDynamicTests {
  @Test func dynamicMessagesHaveTheSameForm() throws {
    let descriptor = try AllTypes.descriptor
    let options = JSONEncodingOptions.with { $0.sortsMaps = true }
    let text = try Samples.full.jsonString(options: options)
    let dynamic = try DynamicMessage(descriptor, json: text)
    #expect(try dynamic.jsonString(options: options) == text)
    #expect(try AllTypes(dynamic) == Samples.full)
    for populate in [
      { $0.usesProtoNames = true }, { $0.writesEnumNumbers = true }, { $0.writesDefaults = true },
    ] as [(inout JSONEncodingOptions) -> Void] {
      var options = options
      populate(&options)
      let text = try Samples.full.jsonString(options: options)
      #expect(try dynamic.jsonString(options: options) == text)
      #expect(try DynamicMessage(descriptor, json: text) == dynamic)
    }
    let empty = JSONEncodingOptions.with { $0.writesDefaults = true }
    #expect(
      try DynamicMessage(descriptor).jsonString(options: empty)
        == AllTypes().jsonString(options: empty))
  }

  @Test func dynamicMessagesHaveTheSameErrors() throws {
    let descriptor = try AllTypes.descriptor
    for text in [
      "[]", #"{"x":1}"#, #"{"int32Value":1,"int32_value":1}"#, #"{"slate":"","cash":"1"}"#,
      #"{"repeatedInt32":[null]}"#, #"{"colorValue":"RED"}"#, #"{"stringToInt64":{"a":1,"a":2}}"#,
      #"{"created":"x"}"#, #"{"boolToNested":{"1":{}}}"#, #"{"int32Value":nul}"#, "{} 1",
    ] {
      let error = #expect(throws: JSONDecodingError.self) { try AllTypes(json: text) }
      #expect(throws: try #require(error)) { try DynamicMessage(descriptor, json: text) }
    }
    let ignoring = JSONDecodingOptions.with { $0.ignoresUnknownFields = true }
    let text = #"{"x":1,"colorValue":"RED","nestedValue":null,"slate":null,"cash":"1"}"#
    let message = try DynamicMessage(descriptor, json: text, options: ignoring)
    #expect(try AllTypes(message) == .with { $0.payment = .cash(1) })
  }

  @Test func extensionsStandInBrackets() throws {
    var old = Old.with { $0.id = 1 }
    old[Proto2Extensions.number] = -3
    old[Proto2Extensions.numbers] = [1, -1]
    old[Proto2Extensions.level] = .high
    old[Proto2Extensions.extra] = .with { $0.value = 5 }
    old[Old.Extensions.innerExtension] = .with { $0.id = 9 }
    let text =
      #"{"id":1,"[golden.proto2.Old.inner_extension]":{"id":9},"[golden.proto2.number]":-3,"#
      + #""[golden.proto2.numbers]":["1","-1"],"[golden.proto2.level]":"LEVEL_HIGH","#
      + #""[golden.proto2.extra]":{"value":5}}"#
    #expect(try old.jsonString() == text)
    let read = try Old(json: text)
    #expect(read[Proto2Extensions.number] == -3)
    #expect(read[Proto2Extensions.numbers] == [1, -1])
    #expect(read[Proto2Extensions.extra]?.value == 5)
    #expect(read[Old.Extensions.innerExtension]?.id == 9)
    #expect(try read.jsonString() == text)
    for wrong in [
      #"{"id":1,"[golden.proto2.number]":1,"[golden.proto2.number]":1}"#,
      #"{"id":1,"[golden.proto2.none]":1}"#, #"{"id":1,"[golden.proto2.number]":"x"}"#,
      #"{"id":1,"[golden.proto2.InSet.item]":{}}"#, #"{"id":1,"golden.proto2.number":1}"#,
    ] {
      #expect(throws: JSONDecodingError.self) { try Old(json: wrong) }
    }
    #expect(try Old(json: #"{"id":1,"[golden.proto2.number]":null}"#) == .with { $0.id = 1 })
  }

  @Test func setsOfMessagesHaveExtensionsOnly() throws {
    let text = #"{"[golden.proto2.InSet.item]":{"text":"t"}}"#
    let set = try OldSet(json: text)
    #expect(set[InSet.Extensions.item]?.text == "t")
    #expect(try set.jsonString() == text)
    #expect(try OldSet(decoding: set.encoded()) == set)
  }

  @Test func requiredFieldsMustBeThere() throws {
    let error = #expect(throws: JSONDecodingError.self) { try Old(json: "{}") }
    #expect(error?.kind == .missingRequiredField("id"))
    #expect(throws: JSONDecodingError.self) { try Holder(json: #"{"olds":[{}]}"#) }
    #expect(throws: JSONDecodingError.self) { try DynamicMessage(Old.descriptor, json: "{}") }
  }

  @Test func groupsAndDefaultsAreOrdinaryFields() throws {
    let text = #"{"id":1,"data":{"value":2,"inner":{"text":"t"}},"row":[{"key":"k"}],"made":{}}"#
    let old = try Old(json: text)
    #expect(old.data?.inner?.text == "t")
    #expect(try old.jsonString() == text)
    #expect(try Old(json: #"{"id":0,"level":"LEVEL_EXTREME"}"#).level == .extreme)
  }

  @Test func namesWithSpecialCharactersWork() throws {
    let words = NWords.with { $0.odd = "o" }
    #expect(try words.jsonString() == #"{"o=d;d\"\\ é":"o"}"#)
    for key in [#"o=d;d\"\\ é"#, #"\u006f=d;d\u0022\u005c \u00e9"#, "odd"] {
      #expect(try NWords(json: "{\"\(key)\":\"o\"}") == words)
    }
    #expect(throws: JSONDecodingError.self) { try NWords(json: #"{"o=d;d"\ é":"o"}"#) }
    #expect(NAliased.valueNames.name(of: 1) == "ALIASED_ONE")
    #expect(NAliased.valueNames.number(of: "ALIASED_UNO") == 1)
    #expect(NAliased.valueNames.name(of: 7) == nil)
    #expect(NAliased.valueNames.number(of: "") == nil)
    #expect(AllTypes.Color.valueNames.name(of: -1) == "COLOR_NEGATIVE")
  }
}
