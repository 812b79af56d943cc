// SPDX-License-Identifier: Apache-2.0

import AmaruProtocols

/// Parses lines of arbitrary bytes as path templates, puts those that are some into one table, and looks up the last line as a path.
///
/// What the table finds is what going through the templates one by one finds; a template without variables, of literals that need
/// no encoding, matches itself.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = UnsafeBufferPointer(start: start, count: count)
  let lines = input.split(separator: 0x0a, omittingEmptySubsequences: false)
    .map { String(decoding: $0, as: UTF8.self) }
  guard let path = lines.last, lines.count <= 64 else { return 0 }
  var table = PathTable()
  var kept: [PathTemplate] = []
  for line in lines.dropLast() {
    do throws(PathTemplateError) {
      let template = try PathTemplate(line)
      check(template)
      if table.insert(template, method: "GET", number: kept.count) == nil { kept.append(template) }
    } catch {
      precondition((1...line.utf8.count + 1).contains(error.position), "\(error)")
    }
  }
  switch table.match(path, method: "GET") {
  case .found(let number, let segments):
    precondition(
      kept[number].text == path || matches(kept[number], segments),
      "\(kept[number].text) does not match \(path)")
    guard case .otherMethods(["GET"]) = table.match(path, method: "PUT") else {
      preconditionFailure("\(path) depends on the HTTP method")
    }
  case .none:
    // What is encoded, and verbs, are judged by the table alone.
    guard path.utf8.first == 0x2f, !path.utf8.contains(0x25), !path.utf8.contains(0x3a) else {
      break
    }
    let segments = raw(path)
    precondition(
      !kept.contains { $0.verb == nil && matches($0, segments) }, "\(path) is not found")
  case .malformed, .otherMethods: break
  }
  return 0
}

private func check(_ template: PathTemplate) {
  let count = template.segments.count
  precondition(count <= PathTemplate.segmentLimit)
  var end = 0
  for variable in template.variables {
    let segments = variable.segments
    precondition(segments.lowerBound >= end && !segments.isEmpty && segments.upperBound <= count)
    end = segments.upperBound
  }
  precondition(!template.segments.dropLast().contains(.rest), "** is not the last segment")
  guard template.variables.isEmpty, !template.text.contains("%"),
    !template.segments.contains(where: {
      $0 == .rest || $0 == .literal(".") || $0 == .literal("..")
    })
  else { return }
  var table = PathTable()
  _ = table.insert(template, method: "GET", number: 7)
  guard case .found(7, _) = table.match(template.text, method: "GET") else {
    preconditionFailure("\(template.text) does not match itself")
  }
}

/// The segments of a path.
private func raw(_ path: String) -> [Substring] {
  guard path.utf8.count > 1 else { return [] }
  return path.utf8.dropFirst().split(separator: 0x2f, omittingEmptySubsequences: false)
    .map(Substring.init)
}

/// Whether a template matches segments without a verb. A segment that is encoded may be any literal.
private func matches(_ template: PathTemplate, _ segments: [Substring]) -> Bool {
  var position = 0
  for segment in template.segments {
    if segment == .rest { return true }
    guard position < segments.count else { return false }
    let text = segments[position]
    position += 1
    switch segment {
    case .literal(let literal):
      if !text.utf8.contains(0x25), text != literal { return false }
    case .any: if text.isEmpty { return false }
    case .rest: break
    }
  }
  return position == segments.count
}
