// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import Glibc

extension Logger {
  /// A logger that writes each line to standard error as one `write`, so that lines of several threads do not
  /// mix.
  public static let standardError = Logger { level, line in
    var text = "\(level): \(line)\n"
    text.withUTF8 { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
  }
}
