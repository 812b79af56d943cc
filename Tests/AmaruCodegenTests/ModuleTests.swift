// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import Testing

@testable import AmaruCodegen

/// Names of several modules and files, of which one must not stand for the other.
struct ModuleTests {
  /// The text of `test.proto`, which has a field of `b.Item` and is of the module `Zoo`.
  private func text(_ mapping: String, _ types: [Descriptor] = []) throws -> String {
    var request = Request.two(
      "b.proto", { $0.messageType = [.named("Item")] },
      parameter: "module=Zoo,module_mapping=b.proto=\(mapping)"
    ) { file in
      file.dependency = ["b.proto"]
      file.messageType = types + [.named("Test", [.field("a", 1, .message, typeName: ".b.Item")])]
    }
    request.fileToGenerate = ["test.proto"]
    let response = try generate(request)
    #expect(response.error == nil)
    return try #require(response.file.first?.content)
  }

  @Test func aTypeOfAnotherModuleIsNotMistakenForAnOwnOne() throws {
    #expect(try text("Shared", [.named("Item")]).contains("public var a: Shared::Item?"))
  }

  @Test func aModuleWithATypeOfItsNameIsStillAModule() throws {
    #expect(try text("Item").contains("public var a: Item::Item?"))
    #expect(try text("Shared", [.named("Shared")]).contains("public var a: Shared::Item?"))
  }

  @Test func aFileOfTheSameModuleNeedsNone() throws {
    #expect(try text("Zoo").contains("public var a: Item?"))
  }

  @Test func aTypeOfTheRuntimeIsToldApartFromAnOwnOne() throws {
    let timestamp = Request.two(
      "google/protobuf/timestamp.proto", { $0.messageType = [.named("Timestamp")] }
    ) { file in
      file.dependency = ["google/protobuf/timestamp.proto"]
      file.messageType = [
        .named("Google_Protobuf_Timestamp"),
        .named(
          "Test", [.field("a", 1, .message, typeName: ".google.protobuf.timestamp.Timestamp")]),
      ]
    }
    var request = timestamp
    request.protoFile[0].package = "google.protobuf"
    request.protoFile[1].messageType[1].field[0].typeName = ".google.protobuf.Timestamp"
    request.fileToGenerate = ["test.proto"]
    let text = try #require(try generate(request).file.first?.content)
    #expect(text.contains("public var a: AmaruProtobuf.Google_Protobuf_Timestamp?"))
  }

  @Test func constantsOfFilesAreToldApartInTheOrderOfTheirPaths() throws {
    let both = Request.two("a_b.proto", { _ in }) { $0.name = "a/b.proto" }
    var request = both
    request.fileToGenerate = ["a_b.proto", "a/b.proto"]
    request.parameter = "file_naming=underscores"
    let files = try generate(request).file
    #expect(files.map(\.name) == ["a_b_2.amaru.swift", "a_b.amaru.swift"])
    #expect(files[0].content?.contains("public let abProto_2 = ProtoFile(") == true)
    #expect(files[1].content?.contains("public let abProto = ProtoFile(") == true)
  }

  /// Whoever imports knows all files of the module, though only some of them are in its request.
  @Test func constantsOfOtherModulesHaveTheirNamesFromThePathsAlone() throws {
    var request = Request.two("a_b.proto", { _ in }) { $0.dependency = ["a_b.proto"] }
    request.fileToGenerate = ["test.proto"]
    request.parameter = "module_mapping=a/b.proto=Shared,module_mapping=a_b.proto=Shared"
    let text = try #require(try generate(request).file.first?.content)
    #expect(text.contains("imports: [abProto_2]"))
  }

  @Test func pathsAreLiteralsOfSwift() throws {
    var request = Request.file { $0.name = "a\"\\(1).proto" }
    request.fileToGenerate = ["a\"\\(1).proto"]
    let text = try #require(try generate(request).file.first?.content)
    #expect(text.contains(#"  name: "a\"\\(1).proto","#))
  }
}
