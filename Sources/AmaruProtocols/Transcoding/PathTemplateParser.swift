// SPDX-License-Identifier: Apache-2.0

/// Reads a path template from the left to the right.
///
/// ```
/// Template  = "/" Segments [ Verb ] ;
/// Segments  = Segment { "/" Segment } ;
/// Segment   = "*" | "**" | LITERAL | Variable ;
/// Variable  = "{" FieldPath [ "=" Segments ] "}" ;
/// FieldPath = IDENT { "." IDENT } ;
/// Verb      = ":" LITERAL ;
/// ```
struct PathTemplateParser {
  private let text: String
  private let bytes: [UInt8]
  private var position = 0
  private(set) var segments: [PathTemplate.Segment] = []
  private(set) var variables: [PathTemplate.Variable] = []
  private(set) var verb: String?

  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  mutating func parse() throws(PathTemplateError) {
    guard accept("/") else { throw error("a template begins with '/'") }
    if isAtEnd { return }
    try parseSegments(isInVariable: false)
    let end = position
    if accept(":") {
      guard !isAtEnd else { throw error("expected a verb after ':'") }
      verb = try literal()
      if next == UInt8(ascii: "/") { throw error(colon, at: end) }
    }
    guard isAtEnd else { throw error(unexpected) }
  }

  private mutating func parseSegments(isInVariable: Bool) throws(PathTemplateError) {
    repeat {
      if segments.last == .rest { throw error("'**' must be the last segment") }
      guard segments.count < PathTemplate.segmentLimit else {
        throw error("more than \(PathTemplate.segmentLimit) segments")
      }
      try parseSegment(isInVariable: isInVariable)
    } while accept("/")
  }

  private mutating func parseSegment(isInVariable: Bool) throws(PathTemplateError) {
    if accept("*") {
      segments.append(accept("*") ? .rest : .any)
    } else if next == UInt8(ascii: "{") {
      guard !isInVariable else { throw error("a variable cannot be inside of another") }
      position += 1
      try parseVariable()
    } else {
      segments.append(.literal(try literal()))
    }
  }

  private mutating func parseVariable() throws(PathTemplateError) {
    let start = position
    repeat { try identifier() } while accept(".")
    let field = String(decoding: bytes[start..<position], as: UTF8.self)
    guard !variables.contains(where: { $0.field == field }) else {
      throw error("the field \(field) came already", at: start)
    }
    let first = segments.count
    if accept("=") { try parseSegments(isInVariable: true) } else { segments.append(.any) }
    guard segments.count <= PathTemplate.segmentLimit else {
      throw error("more than \(PathTemplate.segmentLimit) segments", at: start)
    }
    guard accept("}") else {
      throw error(isAtEnd ? "expected '}'" : next == UInt8(ascii: ":") ? colon : unexpected)
    }
    variables.append(
      PathTemplate.Variable(
        field: field, segments: first..<segments.count,
        isMultiSegment: segments.count - first > 1 || segments[first] == .rest,
        isRest: segments.last == .rest))
  }

  /// An IDENT: a name of a field.
  private mutating func identifier() throws(PathTemplateError) {
    let start = position
    while let byte = next, Self.isIdentifier(byte, isFirst: position == start) { position += 1 }
    guard position > start else { throw error("expected the name of a field") }
  }

  /// A LITERAL: characters that a segment may have as they are (`pchar` of RFC 3986 3.3), but those that mean something
  /// here, and percent-encoded ones.
  private mutating func literal() throws(PathTemplateError) -> String {
    let start = position
    while let byte = next, byte == UInt8(ascii: "%") || Self.isLiteral(byte) { position += 1 }
    guard position > start else { throw error(isAtEnd ? "expected a segment" : unexpected) }
    if next == UInt8(ascii: "*") { throw error("'*' must be a segment of its own, or '%2A'") }
    let raw = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let text = PathText.decode(raw) else {
      throw error("'\(raw)' is not percent-encoded UTF-8", at: start)
    }
    return text
  }

  // MARK: Bytes

  private var isAtEnd: Bool { position == bytes.count }
  private var next: UInt8? { isAtEnd ? nil : bytes[position] }

  private mutating func accept(_ symbol: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: symbol) else { return false }
    position += 1
    return true
  }

  private static func isIdentifier(_ byte: UInt8, isFirst: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): !isFirst
    default: false
    }
  }

  private static func isLiteral(_ byte: UInt8) -> Bool {
    isIdentifier(byte, isFirst: false) || "-.~!$&'()+,;=@".utf8.contains(byte)
  }

  // MARK: Errors

  private let colon = "':' begins the verb, behind the last segment; as text write '%3A'"

  private var unexpected: String {
    switch next {
    case nil: return "the template ends too early"
    case UInt8(ascii: "/")?: return "a segment is empty"
    case UInt8(ascii: ":")?: return colon
    case let byte? where byte < 0x21 || byte > 0x7e || "\"#%<>?[\\]^`|".utf8.contains(byte):
      return "a character that must be percent-encoded"
    case let byte?: return "unexpected '\(Unicode.Scalar(byte))'"
    }
  }

  private func error(_ reason: String, at place: Int? = nil) -> PathTemplateError {
    PathTemplateError(template: text, position: (place ?? position) + 1, reason: reason)
  }
}
