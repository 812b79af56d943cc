// SPDX-License-Identifier: Apache-2.0

/// A template for the paths of requests: `/v1/{name=shelves/*}/books:list`.
///
/// Source: "Path template syntax" in `google/api/http.proto`. Beyond its grammar `/` alone is the template of the path
/// without segments. What it leaves open is in `docs/http-rules.md`.
package struct PathTemplate: Sendable, Hashable {
  /// How many segments a template may have: it is as deep as the route table gets.
  package static let segmentLimit = 100

  /// What one segment of a path must be.
  package enum Segment: Sendable, Hashable {
    /// This text, decoded.
    case literal(String)
    /// `*`: one segment that is not empty.
    case any
    /// `**`: the rest of the path, if there is any.
    case rest
  }

  /// A part of the path that becomes a field.
  package struct Variable: Sendable, Hashable {
    /// The field: names with dots between.
    package let field: String
    /// Which segments of the template it has.
    package let segments: Range<Int>
    /// Whether it may have several segments, between which `/` stands, so that `%2F` is kept.
    package let isMultiSegment: Bool
    /// Whether it has the rest of the path, however long that is.
    package let isRest: Bool
  }

  /// The template as it was written.
  package let text: String
  /// What the segments must be.
  package let segments: [Segment]
  /// The fields, in the order of the path.
  package let variables: [Variable]
  /// What stands behind the last colon, decoded; nil for none.
  package let verb: String?

  /// Whether the paths have a first segment in common.
  var beginsWithLiteral: Bool {
    if case .literal? = segments.first { true } else { false }
  }

  /// Whether only one path matches but for its encoding, which is the text of the template.
  var isPlain: Bool {
    variables.isEmpty && !segments.contains(.any) && !segments.contains(.rest)
      && !text.utf8.contains(UInt8(ascii: "%")) && !segments.contains(.literal("."))
      && !segments.contains(.literal(".."))
  }

  /// Parses a template.
  package init(_ text: String) throws(PathTemplateError) {
    var parser = PathTemplateParser(text)
    try parser.parse()
    self.text = text
    segments = parser.segments
    variables = parser.variables
    verb = parser.verb
  }
}
