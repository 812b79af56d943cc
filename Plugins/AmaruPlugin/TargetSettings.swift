// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a target's `amaru.json` says. All of it is optional.
///
/// ```json
/// { "visibility": "package", "prefix": "Acme", "protoPath": "../../proto" }
/// ```
struct TargetSettings: Codable {
  /// The access level of the generated code: `public` (default), `package` or `internal`.
  var visibility: String?
  /// What stands in front of top-level Swift names.
  var prefix: String?
  /// A folder with `.proto` files, relative to the target's folder; imports start there too.
  var protoPath: String?

  var generatorOptions: [String] {
    [visibility.map { "visibility=\($0)" }, prefix.map { "prefix=\($0)" }].compactMap { $0 }
  }

  static let fileName = "amaru.json"

  /// Reads the file; everything has its default when there is none.
  init(contentsOf file: URL) throws(PluginError) {
    guard let data = try? Data(contentsOf: file) else { return }
    let known = ["visibility", "prefix", "protoPath"]
    let object = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any]
    if let key = object?.keys.sorted().first(where: { !known.contains($0) }) {
      throw PluginError(
        "\(file.path): \(key) is not a setting; there are visibility, prefix, protoPath")
    }
    do {
      self = try JSONDecoder().decode(TargetSettings.self, from: data)
    } catch {
      throw PluginError("\(file.path): this is not an object of strings in JSON")
    }
  }
}
