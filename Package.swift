// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// Every target of ours: Swift 6, warnings as errors, unsafe code marked where it stands.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableExperimentalFeature("Lifetimes"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "amaru",
  products: [
    .library(name: "Amaru", targets: ["Amaru"]),
    .library(name: "AmaruProtobuf", targets: ["AmaruProtobuf"]),
    .library(name: "AmaruMessagePack", targets: ["AmaruMessagePack"]),
    .library(name: "AmaruCodegen", targets: ["AmaruCodegen"]),
    .library(name: "AmaruPython", type: .dynamic, targets: ["AmaruPython"]),
    .executable(name: "protoc-gen-amaru", targets: ["protoc-gen-amaru"]),
    .plugin(name: "AmaruPlugin", targets: ["AmaruPlugin"]),
  ],
  targets: [
    // C: each imported in exactly one place.
    .target(name: "CAmaruLinux"),
    .systemLibrary(
      name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(
      name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // The runtime, from the bottom up.
    .target(name: "AmaruProtobuf", swiftSettings: settings + [.strictMemorySafety()]),
    .target(name: "AmaruMessagePack", swiftSettings: settings + [.strictMemorySafety()]),
    .target(name: "AmaruCore", dependencies: ["AmaruProtobuf"], swiftSettings: settings),
    .target(name: "AmaruHTTP", dependencies: ["CNghttp2"], swiftSettings: settings),
    .target(
      name: "AmaruProtocols", dependencies: ["AmaruCore", "AmaruHTTP", "CZlib"],
      swiftSettings: settings),
    .target(name: "AmaruIO", dependencies: ["CAmaruLinux"], swiftSettings: settings),
    .target(
      name: "AmaruTLS", dependencies: ["AmaruCore", "AmaruIO", "COpenSSL"], swiftSettings: settings),
    .target(
      name: "AmaruSharedMemory", dependencies: ["AmaruCore", "CAmaruLinux"],
      swiftSettings: settings),
    // The Python extension: `python/` builds it.
    .target(name: "CPythonABI"),
    .target(
      name: "AmaruPython",
      dependencies: ["AmaruSharedMemory", "AmaruCore", "CAmaruLinux", "CPythonABI"],
      swiftSettings: settings),
    .target(
      name: "Amaru",
      dependencies: [
        "AmaruProtobuf", "AmaruCore", "AmaruHTTP", "AmaruMessagePack", "AmaruProtocols", "AmaruIO",
        "AmaruSharedMemory", "AmaruTLS",
      ],
      swiftSettings: settings),

    // Code generation.
    .target(
      name: "AmaruCodegen", dependencies: ["AmaruProtobuf"],
      swiftSettings: settings + [.strictMemorySafety()]),
    .executableTarget(
      name: "protoc-gen-amaru", dependencies: ["AmaruCodegen", "AmaruProtobuf"],
      swiftSettings: settings),
    .plugin(
      name: "AmaruPlugin", capability: .buildTool(), dependencies: ["protoc-gen-amaru"]),

    // The generator's golden files are compiled, and the runtime is tested with them.
    .target(
      name: "GoldenPlain", dependencies: ["Amaru"], path: "Tests/GoldenPlain",
      swiftSettings: settings),
    .target(
      name: "GoldenHiding", dependencies: ["Amaru"], path: "Tests/GoldenHiding",
      swiftSettings: settings),
    .target(
      name: "GoldenEditions", dependencies: ["Amaru"], path: "Tests/GoldenEditions",
      swiftSettings: settings),
    .target(
      name: "GoldenClashes", dependencies: ["Amaru"], path: "Tests/GoldenClashes",
      swiftSettings: settings),
    .target(
      name: "GoldenRules", dependencies: ["Amaru"], path: "Tests/GoldenRules",
      swiftSettings: settings),
    .testTarget(
      name: "AmaruProtobufTests",
      dependencies: [
        "AmaruProtobuf", "CAllocationCount", "GoldenPlain", "GoldenHiding", "GoldenEditions",
        "GoldenClashes", "GoldenRules",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "AmaruMessagePackTests", dependencies: ["AmaruMessagePack"], swiftSettings: settings),
    .testTarget(
      name: "AmaruCodegenTests", dependencies: ["AmaruCodegen", "AmaruProtobuf"],
      exclude: ["Golden"], swiftSettings: settings),

    // Faults are tested with real processes: Tests/python/test_faults_*.py run this.
    .executableTarget(
      name: "fault-tool", dependencies: ["Amaru"], path: "Tests/FaultTool", swiftSettings: settings),

    // Every door is tested with real peers: Tests/python/test_doors*.py run this.
    .executableTarget(
      name: "door-tool", dependencies: ["Amaru"], path: "Tests/DoorTool", exclude: ["doors.proto"],
      swiftSettings: settings),

    // The core is tested from the inside, with frames made by hand.
    .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
    .target(
      name: "AmaruTestSupport",
      dependencies: [
        "AmaruCore", "AmaruHTTP", "AmaruProtocols", "CAllocationCount", "CNghttp2", "COpenSSL",
      ],
      path: "Tests/AmaruTestSupport", swiftSettings: settings),
  ]
    + [
      "AmaruCore", "AmaruHTTP", "AmaruProtocols", "AmaruIO", "AmaruTLS", "AmaruSharedMemory",
      "Amaru",
    ].map { name in
      .testTarget(
        name: "\(name)Tests",
        dependencies: [.byName(name: name), "AmaruTestSupport", "CNghttp2", "COpenSSL"]
          + (["AmaruProtocols", "Amaru"].contains(name) ? ["GoldenRules"] : [])
          + (name == "Amaru" ? ["GoldenPlain"] : []),
        swiftSettings: settings)
    },
  swiftLanguageModes: [.v6]
)

// The fuzz targets, which only `scripts/fuzz.sh` builds: each is a folder `Fuzz/Sources/NAME` with one file
// that defines `LLVMFuzzerTestOneInput`. They are part of this package to see what its modules share.
if Context.environment["AMARU_FUZZ"] != nil {
  let names = [
    "ConnectFuzz", "DescriptorFuzz", "GRPCFuzz", "GeneratorFuzz", "HTTP1Fuzz", "HTTP2Fuzz",
    "JSONFuzz", "MessagePackFuzz", "PathTemplateFuzz", "ReaderFuzz", "RingFuzz", "TLSFuzz",
    "TextFuzz", "TranscodeFuzz",
  ]
  package.targets += names.map { name in
    .executableTarget(
      name: name, dependencies: ["Amaru", "AmaruCodegen", "AmaruMessagePack", "AmaruSharedMemory"],
      path: "Fuzz/Sources/\(name)",
      swiftSettings: [
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .unsafeFlags(["-parse-as-library"]),
      ])
  }
}
