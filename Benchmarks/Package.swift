// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let settings: [SwiftSetting] = [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "amaru", path: "..")],
  targets: [
    .executableTarget(
      name: "amaru-bench-server",
      dependencies: [.product(name: "Amaru", package: "amaru")],
      swiftSettings: settings,
      plugins: [.plugin(name: "AmaruPlugin", package: "amaru")]),
    .executableTarget(
      name: "amaru-bench-client",
      dependencies: [.product(name: "Amaru", package: "amaru")],
      swiftSettings: settings,
      plugins: [.plugin(name: "AmaruPlugin", package: "amaru")]),
    .executableTarget(
      name: "amaru-codec-bench",
      dependencies: [.product(name: "AmaruProtobuf", package: "amaru")],
      swiftSettings: settings,
      plugins: [.plugin(name: "AmaruPlugin", package: "amaru")]),
    .executableTarget(
      name: "amaru-messagepack-bench",
      dependencies: [.product(name: "AmaruMessagePack", package: "amaru")],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
