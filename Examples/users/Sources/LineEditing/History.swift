// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The lines that were entered, the newest last, kept in a file.
package struct History {
  /// The most lines that are kept.
  package static let maxLines = 1000
  private static let maxFileBytes = 4 << 20

  private var lines: [String] = []
  private let path: String?
  /// Which line is shown; `lines.count` for the new one.
  private var position = 0
  /// The new line, while an older one is shown.
  private var draft = ""

  /// The history in the file at `path`, which is made when the first line is added; nil for one that ends
  /// with the program. A file that cannot be read counts as empty.
  package init(path: String? = nil) {
    self.path = path
    if let path, let text = Self.read(path) {
      let found = text.split(separator: "\n")
      lines = found.suffix(Self.maxLines).map(String.init)
      if found.count > 2 * Self.maxLines { Self.replace(path, with: lines) }
    }
    position = lines.count
  }

  /// Adds a line, unless it is blank or the same as the last.
  package mutating func add(_ line: String) {
    defer {
      position = lines.count
      draft = ""
    }
    guard line.contains(where: { !$0.isWhitespace }), line != lines.last else { return }
    lines.append(line)
    if lines.count > Self.maxLines { lines.removeFirst() }
    if let path { Self.append(line, to: path) }
  }

  /// The line before the one that is shown; nil at the oldest.
  package mutating func older(than shown: String) -> String? {
    guard position > 0 else { return nil }
    if position == lines.count { draft = shown }
    position -= 1
    return lines[position]
  }

  /// The line after the one that is shown, and at last the new one; nil there.
  package mutating func newer() -> String? {
    guard position < lines.count else { return nil }
    position += 1
    return position == lines.count ? draft : lines[position]
  }

  private static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < maxFileBytes {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Adds to the file; a failure is not worth an interruption, as the lines are there until the program
  /// ends.
  private static func append(_ line: String, to path: String) {
    write([line], to: path, O_APPEND)
  }

  /// Puts a shorter file in place of one that has grown.
  private static func replace(_ path: String, with lines: [String]) {
    let new = "\(path).new"
    if write(lines, to: new, O_TRUNC) { rename(new, path) }
  }

  @discardableResult
  private static func write(_ lines: [String], to path: String, _ flag: Int32) -> Bool {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flag, 0o600)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return writeAll(lines.map { $0 + "\n" }.joined(), to: descriptor)
  }
}
