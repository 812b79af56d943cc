// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import Testing

@testable import AmaruCodegen

struct OptionTests {
  private func content(_ parameter: String) throws -> String {
    let response = try generate(.message([.field("name", 1)], parameter: parameter))
    return try #require(response.file.first?.content)
  }

  @Test(arguments: [
    ("", "public struct Test: Message {"), ("visibility=public", "public struct Test: Message {"),
    ("visibility=package", "package struct Test: Message {"),
    ("visibility=internal", "\nstruct Test: Message {"),
    ("prefix=Acme", "public struct AcmeTest: Message {"),
  ])
  func declarationIsMarked(_ parameter: String, _ declaration: String) throws {
    #expect(try content(parameter).contains(declaration))
  }

  @Test(arguments: [
    ("", "shop/v1/test.amaru.swift"), ("file_naming=path", "shop/v1/test.amaru.swift"),
    ("file_naming=underscores", "shop_v1_test.amaru.swift"),
    ("file_naming=flat", "test.amaru.swift"),
  ])
  func fileIsNamed(_ parameter: String, _ path: String) throws {
    var request = Request.file(parameter: parameter) { $0.name = "shop/v1/test.proto" }
    request.fileToGenerate = ["shop/v1/test.proto"]
    #expect(try generate(request).file.map(\.name) == [path])
  }

  @Test func filesWithTheSamePathAreRefused() throws {
    var request = Request.file(parameter: "file_naming=flat") { $0.name = "a/test.proto" }
    var other = request.protoFile[0]
    other.name = "b/test.proto"
    request.protoFile.append(other)
    request.fileToGenerate = ["a/test.proto", "b/test.proto"]
    #expect(try #require(try generate(request).error).contains("file_naming=underscores"))
  }

  @Test func filesOfOtherModulesAreImported() throws {
    let common = File.with { file in
      file.name = "common.proto"
      file.package = "common"
      file.syntax = "proto3"
      file.messageType = [.named("Money")]
    }
    var request = Request.file(parameter: "module_mapping=common.proto=Shared=Co") { file in
      file.dependency = ["common.proto"]
      file.messageType = [
        .named("Test", [.field("price", 1, .message, typeName: ".common.Money")])
      ]
    }
    request.protoFile.append(common)
    let content = try #require(try generate(request).file.first?.content)
    #expect(content.contains("import AmaruProtobuf\nimport Shared\n"))
    #expect(content.contains("public var price: Shared::CoMoney?"))
    #expect(content.contains("imports: [commonProto]"))
  }

  @Test func swiftPrefixOfTheFileWins() throws {
    let request = Request.file(parameter: "prefix=Acme") { file in
      file.options = .with { $0.swiftPrefix = "Mine" }
      file.messageType = [.named("Test")]
    }
    #expect(try #require(try generate(request).file.first?.content).contains("struct MineTest:"))
  }

  @Test func sourceInfoIsNotEmbedded() throws {
    let plain = try content("")
    var request = Request.message([.field("name", 1)])
    request.protoFile[0].sourceCodeInfo = .with { info in
      info.location = [
        .with { location in
          location.path = [4, 0]
          location.leadingComments = " A test.\n\n Of comments.  \n"
        }
      ]
    }
    let documented = try #require(try generate(request).file.first?.content)
    #expect(documented.contains("/// A test.\n///\n/// Of comments.\npublic struct Test"))
    #expect(documented.replacing("/// A test.\n///\n/// Of comments.\n", with: "") == plain)
  }
}
