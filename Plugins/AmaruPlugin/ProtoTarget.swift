// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackagePlugin

/// The `.proto` files of a target and the folders that their imports start from.
struct ProtoTarget {
  /// A `.proto` file.
  struct File {
    let url: URL
    /// The path that other files import it by.
    let path: String

    /// The generator's name for the Swift file, with `file_naming=underscores`.
    var outputName: String {
      path.dropLast(".proto".count).replacing("/", with: "_") + ".amaru.swift"
    }
  }

  let settings: TargetSettings
  /// The target's `amaru.json`, when it has one.
  let configuration: [URL]
  let roots: [URL]
  let files: [File]

  init(_ target: any SourceModuleTarget) throws(PluginError) {
    let folder = target.directoryURL.standardizedFileURL
    let configuration = folder.appending(path: TargetSettings.fileName)
    let hasConfiguration = FileManager.default.fileExists(atPath: configuration.path)
    self.configuration = hasConfiguration ? [configuration] : []
    settings = try TargetSettings(contentsOf: configuration)

    var urls = target.sourceFiles(withSuffix: ".proto").map(\.url.standardizedFileURL)
    var roots = [folder]
    if let path = settings.protoPath {
      let root = folder.appending(path: path).standardizedFileURL
      let outside = Self.protoFiles(in: root)
      if outside.isEmpty {
        throw PluginError(
          "\(configuration.path): there is no .proto file in protoPath \(root.path)")
      }
      // The folder comes first, so that its files are imported relative to it even when it is
      // inside of the target's.
      roots.insert(root, at: 0)
      urls += outside.filter { !urls.contains($0) }
    }
    self.roots = roots
    files = urls.map { File(url: $0, path: Self.path(of: $0, in: roots)) }
      .filter { !WellKnown.contains($0.path) }
      .sorted { $0.path < $1.path }
  }

  private static func path(of file: URL, in roots: [URL]) -> String {
    for root in roots where file.path.hasPrefix(root.path + "/") {
      return String(file.path.dropFirst(root.path.count + 1))
    }
    return file.lastPathComponent
  }

  private static func protoFiles(in folder: URL) -> [URL] {
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return (files?.compactMap { $0 as? URL } ?? [])
      .filter { $0.pathExtension == "proto" }
      .map(\.standardizedFileURL)
      .sorted { $0.path < $1.path }
  }
}
