// SPDX-License-Identifier: Apache-2.0

/// What can be typed in the interactive mode.
enum Command: String, CaseIterable {
  case get, create, list, batch
  case name = "as"
  case join, say, leave, help, quit

  /// The words behind the command's own, and what it does.
  var help: (operands: String, text: String) {
    switch self {
    case .get: ("ID", "one user")
    case .create: ("NAME EMAIL", "a new user; the last word is the email")
    case .list: ("[LIMIT] [AFTER]", "users by id")
    case .batch: ("NAME EMAIL, ...", "several new users in one call")
    case .name: ("NAME", "the name that you chat under")
    case .join: ("[ROOM]", "enter a room of the chat (lobby)")
    case .say: ("TEXT", "speak in the room")
    case .leave: ("", "leave the chat")
    case .help: ("", "this")
    case .quit: ("", "end (also Ctrl-D)")
    }
  }

  /// How it is written.
  var usage: String { help.operands.isEmpty ? rawValue : "\(rawValue) \(help.operands)" }

  static let helpText = """
    \(allCases.map { $0.helpLine }.joined(separator: "\n"))
    keys: arrows, Home, End, Ctrl-A E K U W edit; Up and Down bring back earlier lines; Tab completes
          commands and rooms; Ctrl-C gives up a line or a call
    """

  private var helpLine: String {
    let margin = String(repeating: " ", count: max(1, 24 - usage.count))
    return "  \(usage)\(margin)\(help.text)"
  }
}
