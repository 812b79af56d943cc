// SPDX-License-Identifier: Apache-2.0

/// Rewrites what protoc prints on failure: one line for one mistake, in the form that build tools
/// understand (`file:line:column: error: text`).
///
/// For an import that is missing protoc prints a line for the file, one for the import and one for
/// each use of a type from it; only the import's is kept, with the cure.
public enum ProtocOutput {
  /// The rewritten lines.
  ///
  /// - Parameters:
  ///   - isError: Whether protoc failed; otherwise lines without a place are left as they are.
  ///   - resolve: Gives the path on disk of a file that protoc names by its import path.
  public static func rewrite(
    _ output: String, isError: Bool = true, resolve: (String) -> String
  ) -> [String] {
    let lines = output.split(whereSeparator: \.isNewline).map(String.init)
    let missing = Set(
      lines.compactMap { line in
        line.hasSuffix(notFound) ? String(line.dropLast(notFound.count)) : nil
      })
    let hasBrokenImport = lines.contains { $0.hasSuffix(brokenImport) }
    var kept: [String] = []
    for line in lines {
      if line.hasSuffix(notFound) { continue }
      guard let place = Place(line, resolve) else {
        kept.append(isError ? marked(line, resolve) : line)
        continue
      }
      if place.text.hasSuffix(brokenImport) {
        let file = place.text.split(separator: "\"").dropFirst().first.map(String.init) ?? ""
        // An import that is there and has errors of its own is reported at those.
        guard missing.contains(file) else { continue }
        kept.append(
          "\(place.prefix): error: import \"\(file)\" was not found; put it into the target's "
            + "folder, into a target that this one depends on, or into protoPath of amaru.json")
      } else if hasBrokenImport && place.text.hasSuffix(undefined) {
        continue
      } else if place.text.hasPrefix("warning:") {
        kept.append("\(place.prefix): \(place.text)")
      } else {
        kept.append("\(place.prefix): error: \(place.text)")
      }
    }
    // A form that is not known here: better too much than nothing.
    return kept.isEmpty ? lines.map { isError ? marked($0, resolve) : $0 } : kept
  }

  /// A line without line and column, as an error; with the path on disk of the file that it names.
  private static func marked(_ line: String, _ resolve: (String) -> String) -> String {
    let text = line.hasPrefix(plugin) ? String(line.dropFirst(plugin.count)) : line
    let isWarning = text.contains("warning:") || text.contains("WARNING")
    let words = text.split(separator: ": ", maxSplits: 1)
    guard words.count == 2, words[0].hasSuffix(".proto") else {
      return isWarning ? text : "error: \(text)"
    }
    return "\(resolve(String(words[0]))): \(isWarning ? "" : "error: ")\(words[1])"
  }

  private static let notFound = ": File not found."
  private static let brokenImport = "was not found or had errors."
  private static let undefined = "is not defined."
  private static let plugin = "--amaru_out: "

  /// A line that begins with `file.proto:line:column: `.
  private struct Place {
    let prefix: String
    let text: String

    init?(_ line: String, _ resolve: (String) -> String) {
      let parts = line.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
      guard parts.count == 4, Int(parts[1]) != nil, Int(parts[2]) != nil else { return nil }
      prefix = "\(resolve(String(parts[0]))):\(parts[1]):\(parts[2])"
      text = String(parts[3].drop { $0 == " " })
    }
  }
}
