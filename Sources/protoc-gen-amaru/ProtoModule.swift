// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A Swift module with `.proto` files, as it is when the generator runs.
struct ProtoModule {
  let name: String
  let folder: URL
  let settings: TargetSettings

  init(name: String, folder: String) throws(BuildError) {
    self.name = name
    self.folder = URL(filePath: folder)
    settings = try TargetSettings(folder: self.folder)
  }

  /// The folders that imports start from; files of the first are not in the second.
  var roots: [URL] {
    let outside = settings.protoPath.map { folder.appending(path: $0).standardizedFileURL }
    return [outside, folder].compactMap { $0 }
  }

  /// Fails when `protoPath` of the settings is no folder.
  func checkProtoPath() throws(BuildError) {
    guard let path = settings.protoPath else { return }
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: roots[0].path, isDirectory: &isFolder)
    guard isThere, isFolder.boolValue else {
      throw BuildError(
        "\(settings.file.path): error: protoPath is \"\(path)\", but there is no folder "
          + roots[0].path)
    }
  }

  /// The paths that the `.proto` files of the module are imported by.
  var paths: Set<String> { roots.reduce(into: []) { $0.formUnion(Self.paths(in: $1)) } }

  /// The paths of those in `protoPath`.
  var outsidePaths: Set<String> { settings.protoPath == nil ? [] : Self.paths(in: roots[0]) }

  private static func paths(in root: URL) -> Set<String> {
    let paths = FileManager.default.enumerator(atPath: root.path)
    return Set(
      (paths?.compactMap { $0 as? String } ?? []).filter { path in
        path.hasSuffix(".proto") && !path.hasPrefix(".") && !path.contains("/.")
      })
  }
}
