// SPDX-License-Identifier: Apache-2.0

/// A map that a type writes by its keys.
struct KeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
  private let frame: EncodingFrame

  init(_ frame: EncodingFrame) {
    self.frame = frame
  }

  var codingPath: [any CodingKey] { frame.codingPath }

  private func put<Value: MessagePackEncodable>(_ value: Value, _ key: Key) throws {
    try frame.entry(key)
    Value.writeMessagePack(value, to: &frame.sink.writer)
  }

  func encodeNil(forKey key: Key) throws {
    try frame.entry(key)
    frame.sink.writer.null()
  }
  func encode(_ value: Bool, forKey key: Key) throws { try put(value, key) }
  func encode(_ value: String, forKey key: Key) throws { try put(value, key) }
  func encode(_ value: Double, forKey key: Key) throws { try put(value, key) }
  func encode(_ value: Float, forKey key: Key) throws { try put(value, key) }
  func encode(_ value: Int, forKey key: Key) throws { try put(value, key) }
  func encode(_ value: Int8, forKey key: Key) throws { try put(value, key) }
  func encode(_ value: Int16, forKey key: Key) throws { try put(value, key) }
  func encode(_ value: Int32, forKey key: Key) throws { try put(value, key) }
  func encode(_ value: Int64, forKey key: Key) throws { try put(value, key) }
  func encode(_ value: UInt, forKey key: Key) throws { try put(value, key) }
  func encode(_ value: UInt8, forKey key: Key) throws { try put(value, key) }
  func encode(_ value: UInt16, forKey key: Key) throws { try put(value, key) }
  func encode(_ value: UInt32, forKey key: Key) throws { try put(value, key) }
  func encode(_ value: UInt64, forKey key: Key) throws { try put(value, key) }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    try frame.entry(key)
    try frame.write(value, at: .key(key))
  }

  func nestedContainer<Inner: CodingKey>(
    keyedBy keyType: Inner.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Inner> {
    frame.later(.key(key), in: .map).container(keyedBy: keyType)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    frame.later(.key(key), in: .map).unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    frame.later(.key(PlainCodingKey.superclass), in: .map)
  }

  func superEncoder(forKey key: Key) -> any Encoder {
    frame.later(.key(key), in: .map)
  }
}
