// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
  name: "conformance",
  dependencies: [.package(name: "amaru", path: "..")],
  targets: [
    .executableTarget(
      name: "amaru-conformance",
      dependencies: [.product(name: "AmaruProtobuf", package: "amaru")],
      plugins: [.plugin(name: "AmaruPlugin", package: "amaru")])
  ]
    + ["interop-server", "interop-client"].map { name in
      .executableTarget(
        name: name,
        dependencies: [.product(name: "Amaru", package: "amaru")],
        swiftSettings: [
          .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
          .enableUpcomingFeature("ExistentialAny"),
          .treatAllWarnings(as: .error),
        ],
        plugins: [.plugin(name: "AmaruPlugin", package: "amaru")])
    },
  swiftLanguageModes: [.v6]
)
