// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO

extension Logger {
  /// A logger that writes `level: line` to standard error.
  public static let standardError = Logger { level, line in
    StandardError.write("\(level): \(line)\n")
  }
}
