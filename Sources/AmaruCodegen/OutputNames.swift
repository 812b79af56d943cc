// SPDX-License-Identifier: Apache-2.0

/// The names of the Swift files where folders are joined by underscores.
enum OutputNames {
  /// What stands behind the names of files that would be one otherwise: `a/b.proto` and `a_b.proto`.
  /// The first path of the alphabet goes without. The build plugin has the same rule.
  static func endings(of paths: [String]) -> [String: String] {
    var names = UniqueNames()
    var endings: [String: String] = [:]
    for path in Set(paths).sorted() {
      let name = String(Naming.withoutExtension(path).map { $0 == "/" ? "_" : $0 })
      let unique = names.take(name)
      if unique != name { endings[path] = String(unique.dropFirst(name.count)) }
    }
    return endings
  }
}
