// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The process's standard error.
package enum StandardError {
  /// Writes `text` as one system call, so that lines of several threads do not mix. Any thread.
  package static func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
  }
}
