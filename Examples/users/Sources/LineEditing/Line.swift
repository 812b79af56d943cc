// SPDX-License-Identifier: Apache-2.0

/// A line that is being edited, with the cursor between two of its characters.
package struct Line: Hashable, Sendable {
  /// The longest line, in bytes of UTF-8; what would make it longer is not inserted.
  package static let maxBytes = 8192

  package private(set) var before: String
  package private(set) var after = ""

  /// A line with the cursor at its end.
  package init(_ text: String = "") { before = text }

  package var text: String { before + after }

  /// - Returns: Whether there was room.
  @discardableResult
  package mutating func insert(_ text: String) -> Bool {
    guard before.utf8.count + after.utf8.count + text.utf8.count <= Self.maxBytes else {
      return false
    }
    before += text
    return true
  }

  package mutating func backspace() { _ = before.popLast() }

  package mutating func delete() { after = String(after.dropFirst()) }

  package mutating func moveLeft() {
    if let character = before.popLast() { after = String(character) + after }
  }

  package mutating func moveRight() {
    guard let character = after.first else { return }
    before.append(character)
    after.removeFirst()
  }

  package mutating func moveToStart() {
    after = text
    before = ""
  }

  package mutating func moveToEnd() {
    before = text
    after = ""
  }

  package mutating func moveWordLeft() {
    let word = lastWord
    before.removeLast(word.count)
    after = word + after
  }

  package mutating func moveWordRight() {
    let blanks = after.prefix { $0.isWhitespace }
    let word = after.dropFirst(blanks.count).prefix { !$0.isWhitespace }
    before += blanks + word
    after = String(after.dropFirst(blanks.count + word.count))
  }

  package mutating func cutToStart() { before = "" }

  package mutating func cutToEnd() { after = "" }

  package mutating func cutWord() { before.removeLast(lastWord.count) }

  /// The word before the cursor, with the blanks between them.
  private var lastWord: String {
    let blanks = before.reversed().prefix { $0.isWhitespace }.count
    let word = before.reversed().dropFirst(blanks).prefix { !$0.isWhitespace }.count
    return String(before.suffix(blanks + word))
  }
}
