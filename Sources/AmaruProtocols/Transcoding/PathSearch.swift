// SPDX-License-Identifier: Apache-2.0

/// A path on its way through a ``PathTable``. Segments are told before anything is decoded.
struct PathSearch {
  let method: String
  /// The segments as they came.
  var segments: [Substring]
  /// Whether any is percent-encoded.
  private let isEncoded: Bool
  /// What stands behind the last colon, decoded; empty for none.
  var verb = ""
  /// The HTTP methods of templates that match but for theirs.
  var others: [String] = []

  /// Splits a path that begins with `/`.
  init(_ path: String, method: String) {
    self.method = method
    let bytes = path.utf8
    var segments: [Substring] = []
    var isEncoded = false
    var start = bytes.index(after: bytes.startIndex)
    if start < bytes.endIndex {
      segments.reserveCapacity(8)
      var index = start
      while index < bytes.endIndex {
        let byte = bytes[index]
        let next = bytes.index(after: index)
        if byte == UInt8(ascii: "/") {
          segments.append(path[start..<index])
          start = next
        } else if byte == UInt8(ascii: "%") {
          isEncoded = true
        }
        index = next
      }
      segments.append(path[start...])
    }
    self.segments = segments
    self.isEncoded = isEncoded
  }

  /// A segment that no path may have: it is not percent-encoded UTF-8, or leads elsewhere (`.` and `..`).
  var forbiddenSegment: Substring? { segments.first { !isAllowed($0) } }

  private func isAllowed(_ segment: Substring) -> Bool {
    if !isEncoded { return segment.utf8.count > 2 || (segment != "." && segment != "..") }
    guard let text = PathText.decode(String(segment)) else { return false }
    return text != "." && text != ".."
  }

  /// The text of a segment.
  func text(_ index: Int) -> String {
    let raw = String(segments[index])
    return isEncoded ? PathText.decode(raw) ?? raw : raw
  }

  /// Takes what stands behind the last colon as the verb; false when that cannot be one.
  mutating func splitVerb() -> Bool {
    guard let last = segments.last, let colon = last.utf8.lastIndex(of: UInt8(ascii: ":")),
      let verb = PathText.decode(String(last[colon...].dropFirst())), !verb.isEmpty,
      isAllowed(last[..<colon])
    else { return false }
    self.verb = verb
    segments[segments.count - 1] = last[..<colon]
    return true
  }
}
