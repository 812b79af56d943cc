// SPDX-License-Identifier: Apache-2.0

/// How a frame of the encoder or decoder is reached from the one around it.
enum CodingStep {
  /// The outermost frame.
  case root
  /// The value of a map's key.
  case key(any CodingKey)
  /// The value of a dictionary's key, as text.
  case text(String)
  /// An element of an array.
  case index(Int)

  /// The step as a key of `codingPath`, or nil for the outermost frame.
  var codingKey: (any CodingKey)? {
    switch self {
    case .root: nil
    case .key(let key): key
    case .text(let text): PlainCodingKey(stringValue: text)
    case .index(let index): PlainCodingKey(intValue: index)
    }
  }

  /// The step as part of an error's path.
  var pathElement: MessagePackError.PathElement? {
    switch self {
    case .root: nil
    case .key(let key): Self.pathElement(of: key)
    case .text(let text): .key(text)
    case .index(let index): .index(index)
    }
  }

  /// A key of `codingPath` as part of an error's path.
  static func pathElement(of key: any CodingKey) -> MessagePackError.PathElement {
    if let key = key as? PlainCodingKey, let index = key.intValue { return .index(index) }
    return .key(key.stringValue)
  }
}

/// A key that no type of the program has: an element's index, a dictionary's key, or `super`.
struct PlainCodingKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(stringValue: String) {
    self.stringValue = stringValue
    intValue = nil
  }

  init(intValue: Int) {
    stringValue = "\(intValue)"
    self.intValue = intValue
  }

  /// The key of a class's superclass in a map.
  static var superclass: PlainCodingKey { PlainCodingKey(stringValue: "super") }
}
