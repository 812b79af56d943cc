// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO

extension Logger {
  /// A logger that writes `level: line` to standard error, at once and from the calling thread.
  public static let standardError = Logger.records { record in
    var line = "\(record.level): "
    LogText.appendEscaped(record.message, to: &line)
    LogText.append(record.fields, to: &line)
    line += "\n"
    StandardError.write(line)
  }
}
