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

let package = Package(
  name: "greeter",
  products: [.executable(name: "greeter-server", targets: ["greeter-server"])],
  dependencies: [
    .package(name: "amaru", path: "../.."), .package(name: "serving", path: "../serving"),
  ],
  targets: [
    .executableTarget(
      name: "greeter-server", dependencies: [amaru, serving], swiftSettings: settings,
      plugins: [.plugin(name: "AmaruPlugin", package: "amaru")]),
    .testTarget(
      name: "GreeterServerTests", dependencies: [amaru, serving, "greeter-server"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
