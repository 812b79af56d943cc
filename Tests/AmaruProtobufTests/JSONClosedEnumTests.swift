// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenEditions
import GoldenPlain
import Testing

/// A closed enum has no other numbers than those that it declares, in JSON too.
struct JSONClosedEnumTests {
  private static let unknown = [
    #"{"id":1,"level":77}"#, #"{"id":1,"levels":[1,77]}"#, #"{"id":1,"byName":{"a":77}}"#,
    #"{"id":1,"chosen":77}"#, #"{"id":1,"[golden.proto2.level]":77}"#,
  ]

  @Test(arguments: unknown)
  func aNumberThatIsNotDeclaredIsAnError(_ text: String) throws {
    let error = #expect(throws: JSONDecodingError.self) { try Old(json: text) }
    let type = text.contains("byName") ? "golden.proto2.Zeroed" : "golden.proto2.Level"
    #expect(error?.kind == .unknownEnumValue("77", enumeration: type))
    let dynamic = #expect(throws: JSONDecodingError.self) {
      try DynamicMessage(Old.descriptor, json: text)
    }
    #expect(dynamic?.kind == error?.kind)
    #expect(dynamic?.column == error?.column)
  }

  @Test(arguments: unknown)
  func itIsLeftOutWhereWhatIsUnknownIsIgnored(_ text: String) throws {
    let options = JSONDecodingOptions.with { $0.ignoresUnknownFields = true }
    let message = try Old(json: text, options: options)
    #expect(message.id == 1 && message.level == nil && message.byName.isEmpty)
    #expect(message.levels == (text.contains("levels") ? [.low] : []))
    #expect(message.unknownFields.isEmpty && message.chosen == nil)
    let dynamic = try DynamicMessage(Old.descriptor, json: text, options: options)
    #expect(dynamic.encoded() == message.encoded())
  }

  @Test func declaredNumbersAndThoseOfOpenEnumsAreTaken() throws {
    #expect(try Old(json: #"{"id":1,"level":-5}"#).level == .extreme)
    #expect(try AllTypes(json: #"{"colorValue":77}"#).colorValue.rawValue == 77)
  }
}
