// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
  name: "Hello",
  dependencies: [.package(name: "amaru", path: "../..")],
  targets: [
    .executableTarget(
      name: "Hello",
      dependencies: [.product(name: "Amaru", package: "amaru")],
      swiftSettings: [.enableUpcomingFeature("NonisolatedNonsendingByDefault")],
      plugins: [.plugin(name: "AmaruPlugin", package: "amaru")])
  ],
  swiftLanguageModes: [.v6]
)
