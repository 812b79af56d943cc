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

let package = Package(
  name: "users",
  products: [
    .executable(name: "users-server", targets: ["users-server"]),
    .executable(name: "users-client", targets: ["users-client"]),
  ],
  dependencies: [.package(name: "amaru", path: "../..")],
  targets: [
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    // What both sides have of the contract.
    .target(
      name: "UsersAPI", dependencies: [amaru], swiftSettings: settings,
      plugins: [.plugin(name: "AmaruPlugin", package: "amaru")]),
    .target(name: "LineEditing", swiftSettings: settings),
    .target(name: "Signals", swiftSettings: settings),
    .executableTarget(
      name: "users-server", dependencies: [amaru, "UsersAPI", "CSQLite", "Signals"],
      swiftSettings: settings),
    .executableTarget(
      name: "users-client", dependencies: [amaru, "UsersAPI", "LineEditing", "Signals"],
      swiftSettings: settings),
    .testTarget(
      name: "UsersServerTests", dependencies: [amaru, "UsersAPI", "users-server"],
      swiftSettings: settings),
    .testTarget(
      name: "LineEditingTests", dependencies: ["LineEditing"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
