// SPDX-License-Identifier: Apache-2.0
import Glibc
import LineEditing

/// Writes `text` to standard output at once, for whoever reads through a pipe wants to see it now.
///
/// When it cannot be written (a reader that is gone, a disk that is full) the program ends with status 1: nobody would
/// see what follows.
func output(_ text: String, terminator: String = "\n") {
  guard !writeAll(text + terminator, to: STDOUT_FILENO) else { return }
  let reason = String(cString: strerror(errno))
  writeAll("users-client: standard output cannot be written: \(reason)\n", to: STDERR_FILENO)
  exit(1)
}
