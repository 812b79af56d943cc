// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// scripts/conformance.sh asks for it, once it has put protobuf's own .proto there.
let testee: [Target] =
  Context.environment["AMARU_CONFORMANCE"] == nil
  ? []
  : [
    .executableTarget(
      name: "amaru-conformance",
      dependencies: [.product(name: "AmaruProtobuf", package: "amaru")],
      plugins: [.plugin(name: "AmaruPlugin", package: "amaru")])
  ]

let package = Package(
  name: "conformance",
  dependencies: [.package(name: "amaru", path: "..")],
  targets: testee
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
