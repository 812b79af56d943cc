// SPDX-License-Identifier: Apache-2.0

/// A collection of what is only `Decodable`, read without a container of the standard library.
protocol FrameDecodable {
  static func read(from frame: DecodingFrame) throws -> Self
}

extension FrameDecodable {
  /// Reads a value whose static type is known to be this one.
  static func read<Value>(_ type: Value.Type, _ frame: DecodingFrame) throws -> Value {
    guard let value = try read(from: frame) as? Value else {
      throw MessagePackError(.invalidValue("no \(Value.self)"), offset: frame.offset)
    }
    return value
  }
}

extension Array: FrameDecodable where Element: Decodable {
  static func read(from frame: DecodingFrame) throws -> [Element] {
    var container = try UnkeyedDecoding(frame)
    var elements: [Element] = []
    elements.reserveCapacity(Swift.min(container.count ?? 0, 1024))
    while !container.isAtEnd { elements.append(try container.decode(Element.self)) }
    return elements
  }
}

extension Dictionary: FrameDecodable where Key: MessagePackDecodable, Value: Decodable {
  static func read(from frame: DecodingFrame) throws -> [Key: Value] {
    let input = frame.input
    let depth = frame.depth + 1
    var reader = input.reader(at: frame.offset, depth: frame.depth)
    var left = try reader.beginMap()
    var entries: [Key: Value] = [:]
    entries.reserveCapacity(Swift.min(left, 1024))
    while left > 0 {
      left -= 1
      let key = try Key.readMessagePack(from: &reader)
      let place = reader.offset
      let (value, after) = try frame.decode(
        Value.self, at: place, depth: depth, .text("\(key)"))
      entries[key] = value
      if after > place {
        reader.move(to: after, depth: depth)
      } else {
        try reader.skip()
      }
    }
    frame.end = reader.offset
    return entries
  }
}
