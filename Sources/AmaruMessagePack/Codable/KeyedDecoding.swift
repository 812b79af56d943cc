// SPDX-License-Identifier: Apache-2.0

/// A map that a type reads by its keys.
struct KeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
  private let index: KeyIndex

  init(_ index: KeyIndex) {
    self.index = index
  }

  var codingPath: [any CodingKey] { index.frame.codingPath }
  var allKeys: [Key] { index.names.compactMap { Key(stringValue: $0) } }

  private func read<Value: MessagePackDecodable>(_ type: Value.Type, _ key: Key) throws -> Value {
    let frame = index.frame
    return try frame.read(
      type, at: try index.require(key), depth: frame.depth + 1, .key(key)
    ).value
  }

  func contains(_ key: Key) -> Bool { index.find(key.stringValue) != nil }

  func decodeNil(forKey key: Key) throws -> Bool {
    try index.frame.isNull(at: try index.require(key))
  }

  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try read(type, key) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try read(type, key) }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try read(type, key) }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try read(type, key) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try read(type, key) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try read(type, key) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try read(type, key) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try read(type, key) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try read(type, key) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try read(type, key) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try read(type, key) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try read(type, key) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try read(type, key) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try read(type, key) }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    let frame = index.frame
    return try frame.decode(
      type, at: try index.require(key), depth: frame.depth + 1, .key(key)
    ).value
  }

  func nestedContainer<Inner: CodingKey>(
    keyedBy type: Inner.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Inner> {
    try index.frame(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try index.frame(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder {
    try index.frame(PlainCodingKey.superclass)
  }

  func superDecoder(forKey key: Key) throws -> any Decoder {
    try index.frame(key)
  }
}
