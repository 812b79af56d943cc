// SPDX-License-Identifier: Apache-2.0

/// Gives each declaration of one scope a Swift name that no other one has.
struct UniqueNames {
  private var taken: Set<String>

  /// - Parameter taken: Names that are given already.
  init(_ taken: Set<String> = []) { self.taken = taken }

  /// Whether a declaration has this name.
  func contains(_ name: String) -> Bool { taken.contains(name) }

  /// Takes a name; where another declaration has it, with an ending behind an underscore: `ending`
  /// when there is one, and a number that counts from 2.
  mutating func take(_ name: String, ending: String? = nil) -> String {
    if taken.insert(name).inserted { return name }
    let bare = name.filter { $0 != "`" }
    var candidate = bare
    if let ending {
      candidate += "_\(ending)"
      if taken.insert(candidate).inserted { return candidate }
    }
    var count = 2
    while !taken.insert("\(candidate)_\(count)").inserted { count += 1 }
    return "\(candidate)_\(count)"
  }
}
