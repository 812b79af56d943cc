// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// A fuzz target is a folder `Sources/NAME` with one file that defines `LLVMFuzzerTestOneInput`,
/// and one line below. `scripts/fuzz.sh` builds and runs each, from the inputs in `Corpus/NAME`.
///
/// There is no build plugin here: its tools would be built with the fuzzer's own `main`.
func fuzzTarget(_ name: String, _ products: [String]) -> Target {
  .executableTarget(
    name: name,
    dependencies: products.map { .product(name: $0, package: "amaru") },
    swiftSettings: [.unsafeFlags(["-parse-as-library"])])
}

let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "amaru", path: "..")],
  targets: [
    fuzzTarget("GeneratorFuzz", ["AmaruCodegen", "AmaruProtobuf"]),
    fuzzTarget("ReaderFuzz", ["AmaruProtobuf"]),
  ],
  swiftLanguageModes: [.v6]
)
