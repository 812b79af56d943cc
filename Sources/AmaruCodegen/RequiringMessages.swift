// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// Finds the messages that are complete only when required fields are set, be it their own or
/// those of messages that they hold. Extensions are not looked into.
enum RequiringMessages {
  /// Their full names with a leading dot.
  static func find(in entries: [String: TypeTable.Entry]) -> Set<String> {
    var holders: [String: [String]] = [:]
    var open: [String] = []
    for (name, entry) in entries {
      for field in entry.message?.field ?? [] {
        if entry.features.of(field).fieldPresence == .required, field.label != .repeated {
          open.append(name)
        }
        if let type = field.typeName { holders[type, default: []].append(name) }
      }
    }
    var found: Set<String> = []
    while let name = open.popLast() {
      if found.insert(name).inserted { open += holders[name] ?? [] }
    }
    return found
  }
}
