// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The terminal at standard input and output, which hands over each key at once while this value is in use.
package final class Terminal: Sendable {
  private let saved: termios

  /// Whether a person sits at both ends, at a terminal that can move its cursor.
  package static var isThere: Bool {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { return false }
    guard let kind = getenv("TERM") else { return false }
    return String(cString: kind) != "dumb"
  }

  /// Switches off echo, whole lines, and the keys that would send signals; output stays as it is. nil when
  /// there is no terminal.
  package init?() {
    var settings = termios()
    guard Self.isThere, tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
    saved = settings
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
    settings.c_iflag &= ~tcflag_t(ICRNL | IXON | ISTRIP)
    guard tcsetattr(STDIN_FILENO, TCSADRAIN, &settings) == 0 else { return nil }
  }

  /// Puts the terminal back as it was. Any thread, any number of times.
  package func restore() {
    var settings = saved
    tcsetattr(STDIN_FILENO, TCSADRAIN, &settings)
  }

  /// The width, which changes with the window; 80 when it is not known.
  package static var columns: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
