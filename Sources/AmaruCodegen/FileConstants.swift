// SPDX-License-Identifier: Apache-2.0

/// The names of the constants that hold the descriptors of files.
///
/// Two files of one module may ask for one name (`a/b.proto` and `a_b.proto`). Then the first path
/// of the alphabet has it and the others get a number, so that whoever knows the module's files
/// comes to the same names.
struct FileConstants {
  /// What stands behind the names of files that have to be told apart.
  private var endings: [String: String] = [:]

  init() {}

  /// - Parameter modules: The paths of the files of each module.
  init(_ modules: [Set<String>]) {
    for paths in modules {
      var names = UniqueNames()
      for path in paths.sorted() {
        let name = Naming.file(path)
        let unique = names.take(name)
        if unique != name { endings[path] = String(unique.dropFirst(name.count)) }
      }
    }
  }

  /// `greetV1GreetProto` for `greet/v1/greet.proto`.
  func name(of path: String) -> String { Naming.file(path) + (endings[path] ?? "") }

  /// `GoogleApiHttpExtensions` for `google/api/http.proto`.
  func extensions(of path: String) -> String { Naming.extensions(of: path) + (endings[path] ?? "") }
}
