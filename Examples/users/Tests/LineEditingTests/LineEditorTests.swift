// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import LineEditing

struct LineEditorTests {
  private var editor = LineEditor(prompt: "> ")

  private mutating func type(_ text: String) {
    for scalar in text.unicodeScalars { _ = editor.press(.scalar(scalar)) }
  }

  private mutating func press(_ keys: Key...) { for key in keys { _ = editor.press(key) } }

  @Test mutating func keysMoveAndCut() {
    type("one two three")
    press(.control("a"), .delete, .wordRight, .wordRight)
    #expect(editor.line.before == "ne two")
    press(.control("w"))
    #expect(editor.line.text == "ne  three")
    press(.end, .left, .backspace, .right)
    #expect(editor.line.text == "ne  thre")
    press(.wordLeft, .control("k"))
    #expect(editor.line.text == "ne  ")
    type("x")
    press(.left, .control("u"))
    #expect(editor.line.text == "x")
    press(.control("d"))
    #expect(editor.line.text == "")
  }

  @Test mutating func keysAtTheEndsOfTheLineDoNothing() {
    press(.left, .right, .backspace, .delete, .home, .end, .wordLeft, .wordRight, .up, .down)
    press(.control("w"), .control("k"), .control("u"), .tab, .control("z"))
    #expect(editor.line.text == "")
  }

  @Test mutating func aCharacterOfSeveralScalarsIsOne() {
    type("e\u{301}x")
    press(.left, .backspace)
    #expect(editor.line.text == "x")
  }

  @Test mutating func enterCtrlCAndCtrlDHaveTheirOutcomes() {
    type("get 1")
    #expect(editor.press(.enter) == .entered("get 1"))
    type("half")
    #expect(editor.press(.control("c")) == .interrupted)
    #expect(editor.line.text == "")
    #expect(editor.press(.control("l")) == .clearScreen)
    #expect(editor.press(.control("d")) == .ended)
  }

  @Test mutating func historyGoesBackAndForthAndKeepsTheNewLine() {
    for line in ["first", "second", "second", "   "] {
      type(line)
      press(.enter)
    }
    type("new")
    press(.up)
    #expect(editor.line == Line("second"))
    press(.up, .up)
    #expect(editor.line == Line("first"))
    press(.down, .down, .down)
    #expect(editor.line == Line("new"))
  }

  @Test mutating func oneByteOverTheLimitIsNotInserted() {
    type(String(repeating: "a", count: Line.maxBytes - 1))
    type("é")
    #expect(editor.line.text.utf8.count == Line.maxBytes - 1)
    type("bc")
    #expect(editor.line.text.utf8.count == Line.maxBytes)
    #expect(editor.line.text.last == "b")
  }

  @Test mutating func completionInsertsWhatIsSure() {
    let words = ["create", "chat", "get"]
    func complete(_ text: String) -> [String] { text.contains(" ") ? ["lobby", "lounge"] : words }
    type("g")
    #expect(editor.press(.tab, complete: complete) == .edited)
    #expect(editor.line.text == "get ")
    type("l")
    #expect(editor.press(.tab, complete: complete) == .edited)
    #expect(editor.line.text == "get lo")
    #expect(editor.press(.tab, complete: complete) == .candidates(["lobby", "lounge"]))
    type("u")
    _ = editor.press(.tab, complete: complete)
    #expect(editor.line.text == "get lounge ")
    press(.control("u"))
    type("zz")
    #expect(editor.press(.tab, complete: complete) == .edited)
    #expect(editor.line.text == "zz")
  }

  @Test mutating func theDrawingPutsTheCursorWhereItIs() {
    #expect(editor.drawing(columns: 80) == "\r> \u{1b}[K\r\u{1b}[2C")
    type("ab漢")
    #expect(editor.drawing(columns: 80) == "\r> ab漢\u{1b}[K\r\u{1b}[6C")
    press(.left)
    #expect(editor.drawing(columns: 80) == "\r> ab漢\u{1b}[K\r\u{1b}[4C")
  }

  @Test mutating func aLongLineShowsThePartAroundTheCursor() {
    type("0123456789")
    #expect(editor.drawing(columns: 8) == "\r> 56789\u{1b}[K\r\u{1b}[7C")
    press(.home)
    #expect(editor.drawing(columns: 8) == "\r> 01234\u{1b}[K\r\u{1b}[2C")
    for columns in -1...3 { #expect(editor.drawing(columns: columns).hasPrefix("\r> 0")) }
  }
}
