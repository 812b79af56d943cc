// SPDX-License-Identifier: Apache-2.0

/// Where in a text the reading stopped, found by going over the text again: a text without errors
/// pays nothing for it.
struct JSONPlace {
  private(set) var line = 1
  private(set) var column = 1
  /// Keys and indices from the outside: `items[3].price`.
  private(set) var path = ""

  /// What encloses a value.
  private enum Container {
    /// With the current key.
    case object(String?)
    /// With the current index.
    case list(Int)
  }

  /// The place behind the end of a text that was found to be JSON up to there.
  init(endOf text: Span<UInt8>) {
    var containers: [Container] = []
    var index = 0
    var lineStart = 0
    while index < text.count {
      switch text[index] {
      case 0x0a:
        line += 1
        lineStart = index + 1
      case UInt8(ascii: "{"): containers.append(.object(nil))
      case UInt8(ascii: "["): containers.append(.list(0))
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = containers.popLast()
      case UInt8(ascii: ","):
        switch containers.popLast() {
        case .object?: containers.append(.object(nil))
        case .list(let index)?: containers.append(.list(index + 1))
        case nil: break
        }
      case UInt8(ascii: "\""):
        let start = index + 1
        index = Self.end(of: text, from: start)
        if index < text.count, case .object(nil)? = containers.last {
          containers.removeLast()
          containers.append(.object(Self.excerpt(text.extracting(start..<index))))
        }
      default: break
      }
      index += 1
    }
    column = text.count - lineStart + 1
    for container in containers { append(container) }
  }

  /// The place of a string's closing quote, or the end of the text.
  private static func end(of text: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index < text.count, text[index] != UInt8(ascii: "\"") {
      index += text[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(index, text.count)
  }

  /// The start of a text, for a message.
  static func excerpt(_ text: Span<UInt8>) -> String {
    let limit = 80
    var bytes: [UInt8] = []
    for index in 0..<min(text.count, limit) { bytes.append(text[index]) }
    return String(decoding: bytes, as: UTF8.self) + (text.count > limit ? "..." : "")
  }

  private mutating func append(_ container: Container) {
    switch container {
    case .object(nil): break
    case .object(let key?):
      let isWord = key.utf8.allSatisfy { byte in
        byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      }
      if !isWord || key.isEmpty {
        path += "[\"\(key)\"]"
      } else {
        path += path.isEmpty ? key : ".\(key)"
      }
    case .list(let index): path += "[\(index)]"
    }
  }
}
