// SPDX-License-Identifier: Apache-2.0

/// A collection of what is only `Encodable`, written without a container of the standard library.
protocol FrameEncodable {
  func write(to frame: EncodingFrame) throws
}

extension FrameEncodable {
  /// Writes a value whose static type is known to be this one.
  static func write<Value>(_ value: Value, _ frame: EncodingFrame) throws {
    if let own = value as? Self { try own.write(to: frame) }
  }
}

extension Array: FrameEncodable where Element: Encodable {
  func write(to frame: EncodingFrame) throws {
    frame.open(.array)
    for (index, element) in enumerated() {
      try frame.beginValue(.array)
      try frame.write(element, at: .index(index))
    }
  }
}

extension Dictionary: FrameEncodable where Key: MessagePackEncodable, Value: Encodable {
  func write(to frame: EncodingFrame) throws {
    frame.open(.map)
    for (key, value) in self {
      try frame.beginValue(.map)
      Key.writeMessagePack(key, to: &frame.sink.writer)
      try frame.write(value, at: .text("\(key)"))
    }
  }
}
