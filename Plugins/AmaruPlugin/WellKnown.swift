// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackagePlugin

/// The `.proto` files whose generated code is part of the runtime.
enum WellKnown {
  /// The folder with the well-known imports, for a protoc that has none beside it.
  static func root(_ context: PluginContext) -> URL? {
    var seen: Set<String> = []
    var packages = [context.package]
    while let package = packages.popLast() {
      guard seen.insert(package.id).inserted else { continue }
      let root = package.directoryURL.appending(path: "proto/well-known")
      if package.targets.contains(where: { $0.name == "AmaruProtobuf" }) { return root }
      packages += package.dependencies.map(\.package)
    }
    return nil
  }

  /// Whether no code is to be generated for a file, because the runtime has it.
  static func contains(_ path: String) -> Bool {
    path.hasPrefix("google/protobuf/") || path == "google/rpc/status.proto"
  }
}
