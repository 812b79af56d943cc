// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// The comments of a file by the path of the declaration that they stand at
/// (`SourceCodeInfo.Location` of descriptor.proto).
struct Comments {
  private var lines: [[Int32]: [String]] = [:]

  init(_ info: Google_Protobuf_SourceCodeInfo?) {
    for location in info?.location ?? [] {
      let leading = Self.split(location.leadingComments ?? "")
      let comment = leading.isEmpty ? Self.split(location.trailingComments ?? "") : leading
      if !comment.isEmpty { lines[location.path] = comment }
    }
  }

  /// The documentation lines of a declaration, without a line break.
  func documentation(at path: [Int32]) -> [String] {
    lines[path] ?? []
  }

  /// Splits a comment into `///` lines without empty lines at the start and end.
  private static func split(_ comment: String) -> [String] {
    var rows = comment.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    while rows.last?.allSatisfy(\.isWhitespace) == true { rows.removeLast() }
    while rows.first?.allSatisfy(\.isWhitespace) == true { rows.removeFirst() }
    return rows.map { row in
      var row = row
      while row.last?.isWhitespace == true { row.removeLast() }
      if row.isEmpty { return "///" }
      return row.first == " " ? "///\(row)" : "/// \(row)"
    }
  }
}
