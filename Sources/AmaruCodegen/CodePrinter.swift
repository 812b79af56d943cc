// SPDX-License-Identifier: Apache-2.0

/// Collects lines of Swift with two spaces for each level of nesting.
struct CodePrinter {
  private(set) var text = ""
  private var indentation = ""

  /// Adds lines at the current level.
  mutating func print(_ lines: String...) {
    for line in lines {
      text += line.isEmpty ? "\n" : "\(indentation)\(line)\n"
    }
  }

  /// Adds an opening line, what `body` prints one level deeper, and a closing line.
  mutating func block(
    _ opening: String, closing: String = "}",
    _ body: (inout CodePrinter) throws(GenerationError) -> Void
  ) throws(GenerationError) {
    print(opening)
    indentation += "  "
    try body(&self)
    indentation.removeLast(2)
    print(closing)
  }
}
