// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// All examples in one server. Each is a package of its own, too: in its folder.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]
let amaru = Target.Dependency.product(name: "Amaru", package: "amaru")
let serving = Target.Dependency.product(name: "Serving", package: "serving")
let sqlite = Target.Dependency.product(name: "CSQLite", package: "serving")
let plugin = Target.PluginUsage.plugin(name: "AmaruPlugin", package: "amaru")

/// The sources of an example's server without its program.
func services(
  _ name: String, _ folder: String, _ main: String, _ dependencies: [Target.Dependency],
  _ plugins: [Target.PluginUsage] = []
) -> Target {
  .target(
    name: name, dependencies: [amaru] + dependencies, path: folder,
    exclude: ["Arguments.swift", main], swiftSettings: settings, plugins: plugins)
}

let package = Package(
  name: "examples",
  products: [.executable(name: "examples-server", targets: ["examples-server"])],
  dependencies: [.package(name: "amaru", path: ".."), .package(name: "serving", path: "serving")],
  targets: [
    services(
      "InventoryExample", "inventory/Sources/inventory-server", "InventoryServer.swift",
      [sqlite], [plugin]),
    .target(
      name: "UsersAPI", dependencies: [amaru], path: "users/Sources/UsersAPI",
      swiftSettings: settings, plugins: [plugin]),
    services(
      "UsersExample", "users/Sources/users-server", "UsersServer.swift", ["UsersAPI", sqlite]),
    services(
      "GreeterExample", "greeter/Sources/greeter-server", "GreeterServer.swift", [], [plugin]),
    .executableTarget(
      name: "examples-server",
      dependencies: [amaru, serving, "InventoryExample", "UsersExample", "GreeterExample"],
      path: "all", swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
