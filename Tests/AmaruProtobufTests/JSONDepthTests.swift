// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenPlain
import Testing

/// What JSON lets in can be written and read in every format: values without a schema count as the
/// messages that they become. Python's protobuf has the same limits in binary.
struct JSONDepthTests {
  /// So many lists in the field of a struct.
  private func lists(_ depth: Int) -> String {
    #"{"x":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
  }

  /// So many objects in the field of a struct.
  private func objects(_ depth: Int) -> String {
    String(repeating: #"{"x":"#, count: depth) + "{}" + String(repeating: "}", count: depth)
  }

  private func survives(_ text: String) throws {
    let message = try Google_Protobuf_Struct(json: text)
    #expect(try Google_Protobuf_Struct(decoding: message.encoded()) == message)
    #expect(try message.jsonString() == text)
    let dynamic = try DynamicMessage(Google_Protobuf_Struct.descriptor, json: text)
    #expect(
      try DynamicMessage(Google_Protobuf_Struct.descriptor, decoding: dynamic.encoded()) == dynamic)
    #expect(try dynamic.jsonString() == text)
  }

  private func isRefused(_ text: String) {
    let error = #expect(throws: JSONDecodingError.self) { try Google_Protobuf_Struct(json: text) }
    #expect(error?.kind == .depthLimitExceeded)
    #expect(throws: JSONDecodingError.self) {
      try DynamicMessage(Google_Protobuf_Struct.descriptor, json: text)
    }
  }

  @Test func listsAreTwoMessagesEach() throws {
    try survives(lists(49))
    isRefused(lists(50))
  }

  @Test func objectsAreThreeMessagesEach() throws {
    try survives(objects(33))
    isRefused(objects(34))
  }

  @Test func writingHasTheSameLimit() throws {
    func nested(_ depth: Int) -> Google_Protobuf_Value {
      depth == 0
        ? .with { $0.listValue = .init() }
        : .with { $0.listValue = .with { $0.values = [nested(depth - 1)] } }
    }
    // A value and a list at each level, and the outermost is not counted.
    _ = try nested(49).jsonString()
    #expect(throws: JSONEncodingError.depthLimitExceeded) { try nested(50).jsonString() }
  }

  @Test func aMessageThatStandsAsTextIsALevel() throws {
    func list(_ limit: Int) throws {
      let options = JSONDecodingOptions.with { $0.depthLimit = limit }
      _ = try Google_Protobuf_ListValue(json: "[1]", options: options)
    }
    try list(1)
    #expect(throws: JSONDecodingError.self) { try list(0) }
    var none = JSONDecodingOptions()
    none.depthLimit = -1
    for (type, text) in [
      (Google_Protobuf_Timestamp.self, #""1970-01-01T00:00:00Z""#),
      (Google_Protobuf_Duration.self, #""1s""#), (Google_Protobuf_FieldMask.self, #""a""#),
      (Google_Protobuf_Int32Value.self, "1"), (Google_Protobuf_Value.self, "1"),
    ] as [(any Message.Type, String)] {
      #expect(throws: JSONDecodingError.self, "\(type)") { try type.init(json: text, options: none) }
      none.depthLimit = 0
      #expect(throws: Never.self) { try type.init(json: text, options: none) }
      none.depthLimit = -1
    }
  }
}
