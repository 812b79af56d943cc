// SPDX-License-Identifier: Apache-2.0

/// A key as a terminal sends it.
package enum Key: Hashable, Sendable {
  case scalar(Unicode.Scalar)
  /// A letter with the control key, in lower case; those below have a name of their own.
  case control(Character)
  case enter, tab, backspace, delete
  case left, right, up, down, home, end, wordLeft, wordRight
}
