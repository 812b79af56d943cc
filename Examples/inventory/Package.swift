// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// What new code should switch on: handlers stay on the event loop that calls them, `any` is written
// out, and a warning is an error.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

let serving = Target.Dependency.product(name: "Serving", package: "serving")
let sqlite = Target.Dependency.product(name: "CSQLite", package: "serving")

let package = Package(
  name: "inventory",
  products: [.executable(name: "inventory-server", targets: ["inventory-server"])],
  dependencies: [
    .package(name: "amaru", path: "../.."), .package(name: "serving", path: "../serving"),
  ],
  targets: [
    .executableTarget(
      name: "inventory-server",
      dependencies: [.product(name: "Amaru", package: "amaru"), serving, sqlite],
      swiftSettings: settings,
      plugins: [.plugin(name: "AmaruPlugin", package: "amaru")]),
    .testTarget(
      name: "InventoryServerTests", dependencies: ["inventory-server", serving],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
