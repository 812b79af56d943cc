// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
  name: "shop",
  dependencies: [
    .package(name: "amaru", path: "../../.."),
    .package(path: "../contracts"),
  ],
  targets: [
    .executableTarget(
      name: "Shop",
      dependencies: [
        .product(name: "AmaruProtobuf", package: "amaru"),
        .product(name: "Contracts", package: "contracts"),
      ],
      plugins: [.plugin(name: "AmaruPlugin", package: "amaru")])
  ],
  swiftLanguageModes: [.v6]
)
