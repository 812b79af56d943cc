// SPDX-License-Identifier: Apache-2.0

/// Edits one line after the other: keys in, and out what to draw. It reads and writes nothing.
package struct LineEditor {
  /// What a key has led to.
  package enum Outcome: Hashable {
    /// The line, or the place of the cursor, may have changed: draw it.
    case edited
    /// The line is entered, and the next one is empty.
    case entered(String)
    /// The line is given up (Ctrl-C).
    case interrupted
    /// The end of the input (Ctrl-D in an empty line).
    case ended
    /// What the word could become; it is unchanged.
    case candidates([String])
    /// The screen is to be cleared (Ctrl-L).
    case clearScreen
  }

  /// What the word that `text` ends with may become, as whole words.
  package typealias Completer = (_ text: String) -> [String]

  package private(set) var line = Line()
  private let prompt: String
  private var history: History

  package init(prompt: String, history: History = History()) {
    self.prompt = prompt
    self.history = history
  }

  /// Handles a key; `complete` is asked when it is the tabulator.
  package mutating func press(_ key: Key, complete: Completer = { _ in [] }) -> Outcome {
    switch key {
    case .scalar(let scalar): line.insert(String(scalar))
    case .backspace, .control("h"): line.backspace()
    case .delete: line.delete()
    case .left, .control("b"): line.moveLeft()
    case .right, .control("f"): line.moveRight()
    case .home, .control("a"): line.moveToStart()
    case .end, .control("e"): line.moveToEnd()
    case .wordLeft: line.moveWordLeft()
    case .wordRight: line.moveWordRight()
    case .control("k"): line.cutToEnd()
    case .control("u"): line.cutToStart()
    case .control("w"): line.cutWord()
    case .up, .control("p"):
      if let text = history.older(than: line.text) { line = Line(text) }
    case .down, .control("n"):
      if let text = history.newer() { line = Line(text) }
    case .tab: return completeWord(complete)
    case .enter:
      defer { line = Line() }
      history.add(line.text)
      return .entered(line.text)
    case .control("c"):
      line = Line()
      history.add("")  // Back at the new line.
      return .interrupted
    case .control("d"):
      if line.text.isEmpty { return .ended }
      line.delete()
    case .control("l"): return .clearScreen
    case .control: break
    }
    return .edited
  }

  private mutating func completeWord(_ completer: Completer) -> Outcome {
    let word = line.before.reversed().prefix { $0 != " " }.reversed()
    let candidates = completer(line.before).filter { $0.starts(with: word) }.sorted()
    guard let first = candidates.first else { return .edited }
    if candidates.count == 1 {
      line.insert(first.dropFirst(word.count) + " ")
      return .edited
    }
    let common = candidates.dropFirst().reduce(first) { common, next in
      String(zip(common, next).prefix { $0 == $1 }.map(\.0))
    }
    guard common.count > word.count else { return .candidates(candidates) }
    line.insert(String(common.dropFirst(word.count)))
    return .edited
  }

  /// Takes the line off the screen; what is printed next stands in its place.
  package static let erasing = "\r\u{1b}[K"

  /// Draws prompt and line in the terminal's current row, with the part of the line around the cursor that
  /// fits into `columns`.
  package func drawing(columns: Int) -> String {
    let margin = DisplayWidth.columns(of: prompt)
    // The last column stays free: a cursor behind it would be in the next row.
    let room = max(1, columns - margin - 1)
    var shownBefore = Substring(line.before)
    var width = DisplayWidth.columns(of: shownBefore)
    while width > room, let first = shownBefore.popFirst() {
      width -= DisplayWidth.columns(of: first)
    }
    var left = room - width
    let shownAfter = line.after.prefix { character in
      left -= DisplayWidth.columns(of: character)
      return left >= 0
    }
    let cursor = margin + width
    return "\r\(prompt)\(shownBefore)\(shownAfter)\u{1b}[K\r"
      + (cursor > 0 ? "\u{1b}[\(cursor)C" : "")
  }
}
