// SPDX-License-Identifier: Apache-2.0

/// Finds the template that a path matches: a tree with a level for each segment.
///
/// At each segment a literal comes before `*`, and `*` before `**`; where that leads to no template for the HTTP method,
/// the next best is tried. No part of the tree is looked at twice, since each is at one depth.
package struct PathTable: Sendable {
  /// What a path and an HTTP method lead to.
  package enum Match: Sendable, Hashable {
    /// A template, by its number, and the segments of the path as they came, without the verb; none for a template without
    /// variables and wildcards, perhaps.
    case found(Int, segments: [Substring])
    /// Templates for other HTTP methods only, in the order of the alphabet.
    case otherMethods([String])
    /// No template.
    case none
    /// A segment that no path may have: it is not percent-encoded UTF-8, or leads elsewhere (`.` and `..`).
    case malformed(String)
  }

  /// A template that ends at a node.
  private struct End {
    let verb: String
    let method: String
    let number: Int
  }

  private struct Node {
    var literals: [String: Int] = [:]
    var any: Int?
    /// The templates that end here.
    var ends: [End] = []
    /// The templates that end here with `**`.
    var restEnds: [End] = []
  }

  private var nodes = [Node()]
  /// The templates that match nothing but their own text, by it: they are the best for that path.
  private var plain: [String: [String: Int]] = [:]

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
    let ends: WritableKeyPath<Node, [End]> = isRest ? \.restEnds : \.ends
    let end = End(verb: template.verb ?? "", method: method, number: number)
    let present = nodes[node][keyPath: ends].first { $0.verb == end.verb && $0.method == method }
    if let present { return present.number }
    nodes[node][keyPath: ends].append(end)
    if template.isPlain { plain[template.text, default: [:]][method] = number }
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
    if let number = plain[path]?[method] { return .found(number, segments: []) }
    guard path.utf8.first == UInt8(ascii: "/") else { return .none }
    var search = PathSearch(path, method: method)
    if let wrong = search.forbiddenSegment { return .malformed(String(wrong)) }
    // What stands behind a colon is a verb when that leads somewhere; an encoded colon never does.
    let whole = search.segments
    if search.splitVerb() {
      if let number = find(0, 0, &search) { return .found(number, segments: search.segments) }
      search.verb = ""
      search.segments = whole
    }
    if let number = find(0, 0, &search) { return .found(number, segments: whole) }
    return search.others.isEmpty ? .none : .otherMethods(search.others.sorted())
  }

  private func find(_ node: Int, _ depth: Int, _ search: inout PathSearch) -> Int? {
    if depth < search.segments.count {
      if !nodes[node].literals.isEmpty, let child = nodes[node].literals[search.text(depth)],
        let number = find(child, depth + 1, &search)
      {
        return number
      }
      if let child = nodes[node].any, !search.segments[depth].isEmpty,
        let number = find(child, depth + 1, &search)
      {
        return number
      }
    } else if let number = best(of: nodes[node].ends, &search) {
      return number
    }
    return best(of: nodes[node].restEnds, &search)
  }

  /// The template for the HTTP method of a search; otherwise notes those that there are.
  private func best(of ends: [End], _ search: inout PathSearch) -> Int? {
    var any: Int?
    for end in ends where end.verb == search.verb {
      if end.method == search.method { return end.number }
      if end.method == "*" { any = end.number }
    }
    if any == nil {
      for end in ends where end.verb == search.verb && !search.others.contains(end.method) {
        search.others.append(end.method)
      }
    }
    return any
  }
}
