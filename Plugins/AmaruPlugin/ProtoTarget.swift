// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackagePlugin

/// The `.proto` files of a target, as they are when the build is planned.
struct ProtoTarget {
  /// A `.proto` file.
  struct File {
    let url: URL
    /// The path that other files import it by.
    let path: String
  }

  /// The target's folder.
  let folder: URL
  /// The target's `amaru.json`, when it has one.
  let configuration: URL?
  /// What `protoPath` of it says.
  let protoPath: String?
  let files: [File]
  /// The paths of files whose code the runtime has.
  let skipped: [String]
  /// What the generated code depends on: the files, the settings, and the folders, which change when files
  /// come or go.
  let inputs: [URL]

  init(_ target: any SourceModuleTarget) {
    let folder = target.directoryURL.standardizedFileURL
    let file = folder.appending(path: "amaru.json")
    let settings = try? Data(contentsOf: file)
    self.folder = folder
    configuration = settings == nil ? nil : file
    protoPath = settings.flatMap(Self.protoPath)

    var urls = target.sourceFiles(withSuffix: ".proto").map(\.url.standardizedFileURL)
    var roots = [folder]
    var folders = [folder]
    if let protoPath {
      let root = folder.appending(path: protoPath).standardizedFileURL
      let outside = Self.files(in: root)
      // The folder comes first, so that its files are imported relative to it even when it is
      // inside of the target's.
      roots.insert(root, at: 0)
      urls += outside.protos.filter { !urls.contains($0) }
      folders += outside.folders
    }
    let all = urls.map { File(url: $0, path: Self.path(of: $0, in: roots)) }
      .sorted { $0.path < $1.path }
    files = all.filter { !WellKnown.contains($0.path) }
    skipped = all.map(\.path).filter(WellKnown.contains)
    inputs = files.map(\.url) + [configuration].compactMap { $0 } + folders
  }

  /// The names of the generator's files. Of two that would be one, the later path of the alphabet gets
  /// a number; the generator has the same rule.
  var outputNames: [String] {
    var names: Set<String> = []
    for path in Set(files.map(\.path)).sorted() {
      let name = path.dropLast(".proto".count).replacing("/", with: "_")
      var unique = String(name)
      var count = 2
      while !names.insert(unique).inserted {
        unique = "\(name)_\(count)"
        count += 1
      }
    }
    return names.map { $0 + ".amaru.swift" }.sorted()
  }

  /// All that the plan needs of the settings; the generator reports what is wrong with them.
  private static func protoPath(_ settings: Data) -> String? {
    let object = (try? JSONSerialization.jsonObject(with: settings)) as? [String: Any]
    return object?["protoPath"] as? String
  }

  private static func path(of file: URL, in roots: [URL]) -> String {
    for root in roots where file.path.hasPrefix(root.path + "/") {
      return String(file.path.dropFirst(root.path.count + 1))
    }
    return file.lastPathComponent
  }

  /// The `.proto` files of a folder, and the folders that they may be in, itself included.
  private static func files(in folder: URL) -> (protos: [URL], folders: [URL]) {
    let manager = FileManager.default
    var protos: [URL] = []
    var folders = manager.fileExists(atPath: folder.path) ? [folder] : []
    let urls = manager.enumerator(
      at: folder, includingPropertiesForKeys: nil, options: .skipsHiddenFiles)
    while let url = urls?.nextObject() as? URL {
      if url.hasDirectoryPath {
        folders.append(url.standardizedFileURL)
      } else if url.pathExtension == "proto" {
        protos.append(url.standardizedFileURL)
      }
    }
    return (protos, folders)
  }
}
