// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// Finds the messages that contain themselves, directly or through others.
///
/// Arrays and dictionaries hold their elements on the heap, so that only singular fields count.
/// Two messages are on a common cycle when they are in the same strongly connected component;
/// the components come from Tarjan's algorithm, with a stack of its own, because the depth of a
/// schema has no limit.
struct MessageCycles {
  private var component: [String: Int] = [:]
  /// Every message, those that it contains before it, except on its own cycle.
  private(set) var order: [String] = []

  init() {}

  init(_ entries: [String: TypeTable.Entry]) {
    var visit = Visit()
    let edges = entries.mapValues(Self.singularMessages)
    for name in entries.keys.sorted() where visit.index[name] == nil {
      visit.run(from: name, edges)
    }
    component = visit.component
    order = visit.order
  }

  /// Whether a singular field of type `field` in the message `message` makes it contain itself.
  func connects(_ message: String, to field: String) -> Bool {
    guard let own = component[message], let other = component[field] else { return false }
    return own == other
  }

  private static func singularMessages(of entry: TypeTable.Entry) -> [String] {
    (entry.message?.field ?? []).compactMap { field in
      [.message, .group].contains(field.type) && field.label != .repeated ? field.typeName : nil
    }
  }

  private struct Visit {
    var index: [String: Int] = [:]
    var component: [String: Int] = [:]
    var order: [String] = []
    private var lowest: [String: Int] = [:]
    private var open: [String] = []

    mutating func run(from root: String, _ edges: [String: [String]]) {
      var path: [(name: String, next: Int)] = []
      enter(root)
      path.append((root, 0))
      while let (name, next) = path.last {
        let targets = edges[name] ?? []
        if next < targets.count {
          path[path.count - 1].next += 1
          let target = targets[next]
          guard edges[target] != nil else { continue }
          if let seen = index[target] {
            if component[target] == nil { lower(name, to: seen) }
          } else {
            enter(target)
            path.append((target, 0))
          }
        } else {
          path.removeLast()
          close(name)
          if let parent = path.last?.name, let low = lowest[name], component[name] == nil {
            lower(parent, to: low)
          }
        }
      }
    }

    private mutating func enter(_ name: String) {
      index[name] = index.count
      lowest[name] = index[name]
      open.append(name)
    }

    private mutating func lower(_ name: String, to value: Int) {
      lowest[name] = min(lowest[name] ?? value, value)
    }

    /// Ends a component when no message of it refers to one that was entered earlier.
    private mutating func close(_ name: String) {
      guard lowest[name] == index[name], let number = index[name] else { return }
      while let member = open.popLast() {
        component[member] = number
        order.append(member)
        if member == name { break }
      }
    }
  }
}
