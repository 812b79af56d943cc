// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf
import GoldenRules
import Testing

/// Parts of JSON, and JSON with fields on top of it.
struct JSONMemberTests {
  @Test(
    arguments: [
      (#"{"a":1}"#, "1"), (#"{"b":{"a":2},"a":[1,{"a":3}]}"#, #"[1,{"a":3}]"#),
      (#"{ "a" : "x\"}" , "b":0}"#, #""x\"}""#), (#"{"\u0061":null}"#, "null"), (#"{"b":1}"#, nil),
      ("{}", nil), ("[1]", nil), ("", nil), (#"{"a":"#, nil),
    ] as [(String, String?)])
  func aMemberIsFoundByItsName(_ text: String, _ value: String?) {
    let bytes = Array(text.utf8)
    let range = JSONMember.value(named: "a", in: bytes)
    #expect(range.map { String(decoding: bytes[$0], as: UTF8.self) } == value)
  }

  @Test(arguments: [
    ("1", true), (" [1, {}] ", true), ("\"a\"", true), ("null", true), ("", false), ("1,2", false),
    ("{}}", false), ("{} {}", false), ("{\"a\":1", false), ("nul", false),
  ])
  func oneValueIsOneValue(_ text: String, _ isOne: Bool) {
    if isOne {
      #expect(throws: Never.self) { try JSONMember.checkValue(Array(text.utf8)) }
    } else {
      #expect(throws: JSONDecodingError.self) { try JSONMember.checkValue(Array(text.utf8)) }
    }
  }

  @Test func aValueIsCheckedAsDeepAsItIsRead() throws {
    let depth = JSONDecodingOptions().depthLimit + 1
    let most = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(throws: Never.self) { try JSONMember.checkValue(Array(most.utf8)) }
    #expect(throws: JSONDecodingError.self) { try JSONMember.checkValue(Array("[\(most)]".utf8)) }
  }

  @Test func fieldsComeOnTopOfJSON() throws {
    let json = #"{"book":{"title":"T","name":"other"},"allowMissing":true}"#
    let fields = UpdateBookRequest.with {
      $0.book = .with { $0.name = "n" }
      $0.updateMask = .init(paths: ["title"])
    }
    let request = try UpdateBookRequest(
      json: Array(json.utf8).span.bytes, adding: fields.encoded(), options: JSONDecodingOptions())
    #expect(request.book?.name == "n")
    #expect(request.book?.title == "T")
    #expect(request.updateMask?.paths == ["title"])
    #expect(request.allowMissing)
  }

  @Test func anErrorCountsFromTheBeginningOfItsLine() {
    #expect {
      try Book(json: "{\"title\":5}")
    } throws: { error in
      let error = error as? JSONDecodingError
      return error?.column == 10 && error?.moved(back: 4).column == 6
        && error?.moved(back: 40).column == 1 && error?.moved(back: 4).kind == error?.kind
    }
    #expect {
      try Book(json: "{\n\"title\":5}")
    } throws: { error in
      let error = error as? JSONDecodingError
      return error?.moved(back: 4) == error
    }
  }
}
