// SPDX-License-Identifier: Apache-2.0

/// Reads the tokens of text format (protobuf.dev, "Text Format Language Specification", Lexical
/// Elements).
struct TextScanner {
  private let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// A number as it is written, without its sign.
  struct Number {
    enum Form { case decimal, octal, hex, float }
    let form: Form
    /// The digits without the prefix of the base and without the suffix of a float.
    let digits: String
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }
  private var following: UInt8? { position + 1 < bytes.count ? bytes[position + 1] : nil }

  /// The next byte that is neither space nor in a comment; nil at the end.
  mutating func peek() -> UInt8? {
    while let byte = current {
      switch byte {
      case UInt8(ascii: " "), 9...13: position += 1
      case UInt8(ascii: "#"):
        while let byte = current, byte != UInt8(ascii: "\n") { position += 1 }
      default: return byte
      }
    }
    return nil
  }

  /// Passes over a byte, when it comes next.
  mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  /// Passes over a character, which must come next.
  mutating func expect(_ character: Unicode.Scalar) throws(TextFormatError) {
    if !take(UInt8(ascii: character)) { throw error("\"\(character)\" is expected") }
  }

  /// Reads an identifier; nil when none comes next.
  mutating func identifier() -> String? {
    guard let first = peek(), Self.isLetter(first) else { return nil }
    let start = position
    while let byte = current, Self.isLetter(byte) || Self.isDigit(byte) { position += 1 }
    return text(from: start)
  }

  /// Reads what stands between brackets: the name of an extension or the URL of a type. Space
  /// between its parts is left out.
  mutating func bracketed() throws(TextFormatError) -> String {
    var name: [UInt8] = []
    while let byte = peek() {
      position += 1
      if byte == UInt8(ascii: "]") {
        if name.isEmpty { throw error("a name is expected") }
        return String(decoding: name, as: UTF8.self)
      }
      let isPart =
        Self.isLetter(byte) || Self.isDigit(byte)
        || [UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "%")]
          .contains(byte)
      guard isPart else {
        position -= 1
        break
      }
      name.append(byte)
    }
    throw error("\"]\" is expected")
  }

  /// Reads the literals of a string that follow each other, without quotes and escapes.
  mutating func string() throws(TextFormatError) -> [UInt8] {
    var result: [UInt8] = []
    var isThere = false
    while let quote = peek(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      isThere = true
      let start = position
      position += 1
      try literal(quote, from: start, into: &result)
    }
    if !isThere { throw error("a string is expected") }
    return result
  }

  private mutating func literal(
    _ quote: UInt8, from start: Int, into result: inout [UInt8]
  ) throws(TextFormatError) {
    while let byte = current, byte != UInt8(ascii: "\n") {
      let place = position
      position += 1
      if byte == quote { return }
      if byte != UInt8(ascii: "\\") {
        result.append(byte)
        continue
      }
      var rest = bytes[position...]
      guard TextEscapes.append(escape: &rest, to: &result) else {
        throw error("an escape is not valid", at: place)
      }
      position = rest.startIndex
    }
    throw error("a string does not end on its line", at: start)
  }

  /// Reads a number without its sign; nil when none comes next.
  mutating func number() throws(TextFormatError) -> Number? {
    guard let first = peek(),
      Self.isDigit(first) || (first == UInt8(ascii: ".") && following.map(Self.isDigit) == true)
    else { return nil }
    let start = position
    let number = scanNumber(first)
    // What follows must not look like a part of it.
    if let byte = current, Self.isLetter(byte) || Self.isDigit(byte) || byte == UInt8(ascii: ".") {
      throw error("a number is not valid", at: start)
    }
    guard let number else { throw error("a number is not valid", at: start) }
    return number
  }

  private mutating func scanNumber(_ first: UInt8) -> Number? {
    let start = position
    if first == UInt8(ascii: "0"), let next = following, next | 0x20 == UInt8(ascii: "x") {
      position += 2
      takeWhile { TextEscapes.digit($0) != nil }
      let digits = text(from: start + 2)
      return digits.isEmpty ? nil : Number(form: .hex, digits: digits)
    }
    takeWhile(Self.isDigit)
    let whole = text(from: start)
    var isFloat = false
    var digits = whole.isEmpty ? "0" : whole
    if current == UInt8(ascii: ".") {
      isFloat = true
      position += 1
      let fraction = position
      takeWhile(Self.isDigit)
      digits += "." + (fraction == position ? "0" : text(from: fraction))
    }
    if let byte = current, byte | 0x20 == UInt8(ascii: "e") {
      isFloat = true
      let exponent = position
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      let power = position
      takeWhile(Self.isDigit)
      if power == position { return nil }
      digits += text(from: exponent)
    }
    if let byte = current, byte | 0x20 == UInt8(ascii: "f") {
      // Octal digits do not become a float by a suffix.
      if !isFloat, whole.count > 1, whole.utf8.first == UInt8(ascii: "0") { return nil }
      isFloat = true
      position += 1
    }
    if isFloat { return Number(form: .float, digits: digits) }
    guard whole.utf8.first == UInt8(ascii: "0"), whole.utf8.count > 1 else {
      return Number(form: .decimal, digits: whole)
    }
    let isOctal = whole.utf8.allSatisfy { $0 < UInt8(ascii: "8") }
    return isOctal ? Number(form: .octal, digits: whole) : nil
  }

  private mutating func takeWhile(_ isPart: (UInt8) -> Bool) {
    while let byte = current, isPart(byte) { position += 1 }
  }

  private func text(from start: Int) -> String {
    String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// An error at a place in the bytes; at the current one when none is given.
  func error(_ reason: String, at place: Int? = nil) -> TextFormatError {
    let before = bytes.prefix(place ?? position)
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    // A scalar has one byte that is not a continuation.
    let column = before[lineStart...].count { $0 & 0xc0 != 0x80 } + 1
    return TextFormatError(line: line, column: column, reason: reason)
  }
}
