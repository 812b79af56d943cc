// SPDX-License-Identifier: Apache-2.0

/// An array that a type reads element by element.
struct UnkeyedDecoding: UnkeyedDecodingContainer {
  private let frame: DecodingFrame
  private let total: Int
  private var next: Int
  private(set) var currentIndex = 0

  /// Reads the header of the array at a frame's place.
  init(_ frame: DecodingFrame) throws(MessagePackError) {
    self.frame = frame
    let input = frame.input
    do throws(MessagePackError) {
      var reader = input.reader(at: frame.offset, depth: frame.depth)
      total = try reader.beginArray()
      next = reader.offset
      if total == 0 { frame.end = next }
    } catch {
      throw error.rooted(at: frame.path(.root))
    }
  }

  var codingPath: [any CodingKey] { frame.codingPath }
  var count: Int? { total }
  var isAtEnd: Bool { currentIndex >= total }

  /// Throws an error when no element is left.
  private func requireElement() throws(MessagePackError) {
    guard currentIndex < total else {
      throw MessagePackError(
        .invalidValue("the array has only \(total) element\(total == 1 ? "" : "s")"), offset: next
      ).rooted(at: frame.path(.index(currentIndex)))
    }
  }

  /// Goes to the next element, which begins at a place that may be known.
  private mutating func advance(to after: Int) throws(MessagePackError) {
    if after > next {
      next = after
    } else {
      let input = frame.input
      var reader = input.reader(at: next, depth: frame.depth + 1)
      do throws(MessagePackError) {
        try reader.skip()
      } catch {
        throw error.rooted(at: frame.path(.index(currentIndex)))
      }
      next = reader.offset
    }
    currentIndex += 1
    if currentIndex == total { frame.end = next }
  }

  mutating func decodeNil() throws -> Bool {
    try requireElement()
    guard try frame.isNull(at: next) else { return false }
    try advance(to: next + 1)
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try requireElement()
    let (value, after) = try frame.decode(
      type, at: next, depth: frame.depth + 1, .index(currentIndex))
    try advance(to: after)
    return value
  }

  /// A frame at the next element, which is passed over.
  private mutating func takeFrame() throws(MessagePackError) -> DecodingFrame {
    try requireElement()
    let inner = DecodingFrame(
      frame.input, parent: frame, step: .index(currentIndex), offset: next, depth: frame.depth + 1)
    try advance(to: 0)
    return inner
  }

  mutating func nestedContainer<Inner: CodingKey>(
    keyedBy type: Inner.Type
  ) throws -> KeyedDecodingContainer<Inner> {
    try takeFrame().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try takeFrame().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder {
    try takeFrame()
  }
}
