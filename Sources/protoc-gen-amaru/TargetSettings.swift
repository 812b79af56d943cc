// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a target's `amaru.json` says. All of it is optional.
///
/// ```json
/// { "visibility": "package", "prefix": "Acme", "protoPath": "../../proto" }
/// ```
struct TargetSettings {
  /// Where it stands, if it is there.
  let file: URL
  /// The access level of the generated code: `public` (default), `package` or `internal`.
  let visibility: String?
  /// What stands in front of top-level Swift names.
  let prefix: String?
  /// A folder with `.proto` files, relative to the target's folder; imports start there too.
  let protoPath: String?

  /// Reads the `amaru.json` of `folder`; everything has its default when there is none.
  init(folder: URL) throws(BuildError) {
    file = folder.appending(path: "amaru.json")
    let values = try Self.values(of: file)
    visibility = values["visibility"]
    prefix = values["prefix"]
    protoPath = values["protoPath"]
    let levels = ["public", "package", "internal"]
    if let visibility, !levels.contains(visibility) {
      throw BuildError(
        "\(file.path): error: visibility is \"\(visibility)\"; write one of "
          + levels.joined(separator: ", "))
    }
    if let prefix, !Self.isPrefix(prefix) {
      throw BuildError(
        "\(file.path): error: prefix is \"\(prefix)\", with which no Swift name can begin; use "
          + "letters, digits and underscores, and no digit at the start")
    }
  }

  private static func isPrefix(_ text: String) -> Bool {
    text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      && text.first?.isNumber != true
  }

  private static func values(of file: URL) throws(BuildError) -> [String: String] {
    guard let data = try? Data(contentsOf: file) else { return [:] }
    guard let values = try? JSONDecoder().decode([String: String].self, from: data) else {
      throw BuildError("\(file.path): error: this is not an object of strings in JSON")
    }
    let known = ["visibility", "prefix", "protoPath"]
    if let key = values.keys.sorted().first(where: { !known.contains($0) }) {
      throw BuildError(
        "\(file.path): error: \(key) is not a setting; there are visibility, prefix, protoPath")
    }
    return values
  }
}
