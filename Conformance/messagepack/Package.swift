// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// What Tests/python/test_messagepack.py compares with Python's msgpack and msgspec. It is a package
// of its own, so that it builds without the protos that the other programs need.
let package = Package(
  name: "messagepack-conformance",
  dependencies: [.package(name: "amaru", path: "../..")],
  targets: [
    .executableTarget(
      name: "messagepack-testee",
      dependencies: [.product(name: "AmaruMessagePack", package: "amaru")],
      swiftSettings: [.enableUpcomingFeature("ExistentialAny"), .treatAllWarnings(as: .error)])
  ],
  swiftLanguageModes: [.v6]
)
