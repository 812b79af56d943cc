// SPDX-License-Identifier: Apache-2.0
import Glibc
import LineEditing
import Synchronization

/// Standard output, shared by what is printed and the line that is being typed. Any thread.
final class Screen: Sendable {
  private struct State {
    var editor: LineEditor
    var isPrompting = false
  }

  private let state: Mutex<State>

  init(_ editor: sending LineEditor) { state = Mutex(State(editor: editor)) }

  /// Prints lines; above the line that is being typed, if there is one.
  func print(_ lines: String) {
    state.withLock { state in
      guard state.isPrompting else {
        output(lines)
        return
      }
      let drawing = state.editor.drawing(columns: Terminal.columns)
      output(LineEditor.erasing + lines + "\n" + drawing, terminator: "")
    }
  }

  /// Shows the prompt.
  func prompt() {
    state.withLock { state in
      state.isPrompting = true
      output(state.editor.drawing(columns: Terminal.columns), terminator: "")
    }
  }

  /// Handles a key and draws what it has changed.
  func press(
    _ key: Key, complete: @Sendable (String) -> [String]
  ) -> LineEditor.Outcome {
    state.withLock { state in
      let before = state.editor
      let outcome = state.editor.press(key, complete: complete)
      let columns = Terminal.columns
      var text = ""
      switch outcome {
      case .edited: break
      case .entered(let line):
        // What was entered stays where it was typed.
        text = before.drawing(columns: columns) + "\r\n"
        state.isPrompting = line.allSatisfy(\.isWhitespace)
      case .interrupted: text = before.drawing(columns: columns) + "^C\n"
      case .candidates(let words):
        text = LineEditor.erasing + words.joined(separator: "  ").printable + "\n"
      case .clearScreen: text = "\u{1b}[H\u{1b}[2J"
      case .ended:
        text = "\n"
        state.isPrompting = false
      }
      if state.isPrompting { text += state.editor.drawing(columns: columns) }
      output(text, terminator: "")
      return outcome
    }
  }
}
