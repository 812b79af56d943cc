// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

// What the servers of the examples have in common, and a service does not need to look at. Its tests are beside those of
// Greeter, so that the library is not built once more for them.
let package = Package(
  name: "serving",
  products: [
    .library(name: "Serving", targets: ["Serving"]),
    .library(name: "Signals", targets: ["Signals"]),
    .library(name: "CSQLite", targets: ["CSQLite"]),
  ],
  dependencies: [.package(name: "amaru", path: "../..")],
  targets: [
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .target(name: "Signals", swiftSettings: settings),
    .target(
      name: "Serving", dependencies: [.product(name: "Amaru", package: "amaru"), "Signals"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
