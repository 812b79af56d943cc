// SPDX-License-Identifier: Apache-2.0

/// An array that a type writes element by element.
struct UnkeyedEncoding: UnkeyedEncodingContainer {
  let frame: EncodingFrame

  var codingPath: [any CodingKey] { frame.codingPath }
  var count: Int { frame.count }

  func encodeNil() throws {
    try frame.beginValue(.array)
    frame.sink.writer.null()
  }

  func encode<Value: Encodable>(_ value: Value) throws {
    let index = frame.count
    try frame.beginValue(.array)
    try frame.write(value, at: .index(index))
  }

  func nestedContainer<Inner: CodingKey>(
    keyedBy keyType: Inner.Type
  ) -> KeyedEncodingContainer<Inner> {
    frame.later(.index(count), in: .array).container(keyedBy: keyType)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    frame.later(.index(count), in: .array).unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    frame.later(.index(count), in: .array)
  }
}
