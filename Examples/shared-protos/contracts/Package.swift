// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
  name: "contracts",
  products: [.library(name: "Contracts", targets: ["Contracts"])],
  dependencies: [.package(name: "amaru", path: "../../..")],
  targets: [
    .target(
      name: "Contracts",
      dependencies: [.product(name: "AmaruProtobuf", package: "amaru")],
      plugins: [.plugin(name: "AmaruPlugin", package: "amaru")])
  ],
  swiftLanguageModes: [.v6]
)
