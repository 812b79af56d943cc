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
let amaru = Target.Dependency.product(name: "Amaru", package: "amaru")
let serving = Target.Dependency.product(name: "Serving", package: "serving")
let signals = Target.Dependency.product(name: "Signals", package: "serving")
let sqlite = Target.Dependency.product(name: "CSQLite", package: "serving")

let package = Package(
  name: "users",
  products: [
    .executable(name: "users-server", targets: ["users-server"]),
    .executable(name: "users-client", targets: ["users-client"]),
  ],
  dependencies: [
    .package(name: "amaru", path: "../.."), .package(name: "serving", path: "../serving"),
  ],
  targets: [
    // What both sides have of the contract.
    .target(
      name: "UsersAPI", dependencies: [amaru], swiftSettings: settings,
      plugins: [.plugin(name: "AmaruPlugin", package: "amaru")]),
    .target(name: "LineEditing", swiftSettings: settings),
    .executableTarget(
      name: "users-server", dependencies: [amaru, serving, "UsersAPI", sqlite],
      swiftSettings: settings),
    .executableTarget(
      name: "users-client", dependencies: [amaru, "UsersAPI", "LineEditing", signals],
      swiftSettings: settings),
    .testTarget(
      name: "UsersServerTests", dependencies: [amaru, serving, "UsersAPI", "users-server"],
      swiftSettings: settings),
    .testTarget(
      name: "LineEditingTests", dependencies: ["LineEditing"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
