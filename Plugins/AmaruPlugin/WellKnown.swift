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
    if path.hasPrefix("google/protobuf/") {
      // Features of other languages are extensions like any other.
      return !path.hasSuffix("_features.proto")
    }
    return others.contains(path)
  }

  private static let others: Set<String> = [
    "google/api/annotations.proto", "google/api/http.proto", "google/api/httpbody.proto",
    "google/rpc/error_details.proto", "google/rpc/status.proto",
  ]
}
