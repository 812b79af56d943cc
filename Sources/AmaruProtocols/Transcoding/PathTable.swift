// SPDX-License-Identifier: Apache-2.0

/// Finds the template that a path matches: a tree with a level for each segment.
///
/// At each segment a literal comes before `*`, and `*` before `**`; where that leads to no template for the HTTP method,
/// the next best is tried. No part of the tree is looked at twice, since each is at one depth.
package struct PathTable: Sendable {
  /// What a path and an HTTP method lead to.
  package enum Match: Sendable, Hashable {
    /// A template, by its number, and the segments of the path as they came, without the verb.
    case found(Int, segments: [Substring])
    /// Templates for other HTTP methods only, in the order of the alphabet.
    case otherMethods([String])
    /// No template.
    case none
    /// A segment that no path may have: it is not percent-encoded UTF-8, or leads elsewhere (`.` and `..`).
    case malformed(String)
  }

  /// Numbers of templates by their HTTP method, by their verb; no verb is "".
  private typealias Ends = [String: [String: Int]]

  private struct Node {
    var literals: [String: Int] = [:]
    var any: Int?
    /// The templates that end here.
    var ends: Ends = [:]
    /// The templates that end here with `**`.
    var restEnds: Ends = [:]
  }

  private var nodes = [Node()]

  /// A table without templates.
  package init() {}

  /// Adds the template with a number; `method` may be `*` for any that has none of its own.
  /// - Returns: the number of the template that matches the same paths with the same HTTP method, which then stays; nil when
  ///   there is none.
  package mutating func insert(_ template: PathTemplate, method: String, number: Int) -> Int? {
    var node = 0
    var isRest = false
    for segment in template.segments {
      switch segment {
      case .rest: isRest = true
      case .any: node = child(of: node, \.any)
      case .literal(let text): node = child(of: node, \.literals[text])
      }
    }
    let ends: WritableKeyPath<Node, Ends> = isRest ? \.restEnds : \.ends
    let verb = template.verb ?? ""
    if let present = nodes[node][keyPath: ends][verb]?[method] { return present }
    nodes[node][keyPath: ends][verb, default: [:]][method] = number
    return nil
  }

  private mutating func child(of node: Int, _ place: WritableKeyPath<Node, Int?>) -> Int {
    if let child = nodes[node][keyPath: place] { return child }
    nodes[node][keyPath: place] = nodes.count
    nodes.append(Node())
    return nodes.count - 1
  }

  // MARK: Matching

  /// Finds the template for a path without its query.
  package func match(_ path: String, method: String) -> Match {
    guard path.utf8.first == UInt8(ascii: "/") else { return .none }
    var segments = path.utf8.dropFirst()
      .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Substring.init)
    if path.utf8.count == 1 { segments = [] }
    var search = Search(method: method)
    for segment in segments {
      guard let text = Self.text(segment) else { return .malformed(String(segment)) }
      search.texts.append(text)
    }
    // What stands behind a colon is a verb when that leads somewhere; an encoded colon never does.
    if let last = segments.last, let colon = last.utf8.lastIndex(of: UInt8(ascii: ":")),
      let verb = PathText.decode(String(last[colon...].dropFirst())), !verb.isEmpty,
      let text = Self.text(last[..<colon])
    {
      var withVerb = search
      withVerb.verb = verb
      withVerb.texts[withVerb.texts.count - 1] = text
      if let number = find(0, 0, &withVerb) {
        segments[segments.count - 1] = last[..<colon]
        return .found(number, segments: segments)
      }
      search.others = withVerb.others
    }
    if let number = find(0, 0, &search) { return .found(number, segments: segments) }
    return search.others.isEmpty ? .none : .otherMethods(search.others.sorted())
  }

  /// The text of a segment; nil when no path may have it.
  private static func text(_ segment: Substring) -> String? {
    guard let text = PathText.decode(String(segment)), text != ".", text != ".." else { return nil }
    return text
  }

  private struct Search {
    let method: String
    var verb = ""
    /// The segments, decoded.
    var texts: [String] = []
    /// The HTTP methods of templates that match but for theirs.
    var others: Set<String> = []
  }

  private func find(_ index: Int, _ depth: Int, _ search: inout Search) -> Int? {
    let node = nodes[index]
    if depth == search.texts.count {
      if let number = end(node.ends, &search) { return number }
    } else {
      let text = search.texts[depth]
      if let child = node.literals[text], let number = find(child, depth + 1, &search) {
        return number
      }
      if !text.isEmpty, let child = node.any, let number = find(child, depth + 1, &search) {
        return number
      }
    }
    return end(node.restEnds, &search)
  }

  private func end(_ ends: Ends, _ search: inout Search) -> Int? {
    guard let methods = ends[search.verb] else { return nil }
    if let number = methods[search.method] ?? methods["*"] { return number }
    search.others.formUnion(methods.keys)
    return nil
  }
}
