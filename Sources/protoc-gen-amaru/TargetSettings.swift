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
