// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import Testing

@testable import AmaruCodegen

/// Everything the generator cannot do is one line with file, name and cure.
struct ErrorTests {
  @Test(arguments: [
    (
      Request.file { $0.syntax = "editions" },
      "test.proto: its edition is not known; the latest one that is, is 2024"
    ),
    (
      Request.file {
        $0.syntax = "editions"
        $0.edition = .edition2026
      },
      "test.proto: its edition is not known; the latest one that is, is 2024"
    ),
    (
      Request.file { $0.extension = [.extending(".test.Missing", "a", 1)] },
      "test.proto: test.a: the message .test.Missing that it extends is not in the request; "
        + "import its file"
    ),
    (
      Request.file {
        $0.messageType = [.named("Item")]
        $0.extension = [.extending(".test.Item", "a", 0)]
      },
      "test.proto: test.a: the field number is out of range"
    ),
    (
      Request.message([.field("a", 1, .message, typeName: ".test.Missing")]),
      "test.proto: test.Test.a: its type .test.Missing is not in the request; import its file"
    ),
    (
      Request.message([.field("a", 1, .group, typeName: ".test.A")]),
      "test.proto: test.Test.a: its type .test.A is not in the request; import its file"
    ),
    (
      Request.message([.field("a", 0)]), "test.proto: test.Test.a: the field number is out of range"
    ),
    (
      Request.message([.field("a", 536_870_912)]),
      "test.proto: test.Test.a: the field number is out of range"
    ),
    (
      Request.with { $0.fileToGenerate = ["gone.proto"] },
      "gone.proto: its descriptor is not in the request"
    ),
    (
      Request.message([], parameter: "visibility=open"),
      "option visibility: has the value open; write one of public, package, internal"
    ),
    (
      Request.message([], parameter: "shape=round"),
      "option shape: does not exist; there are visibility, prefix, module, module_mapping, "
        + "file_naming, services, imports"
    ),
    (
      Request.message([], parameter: "prefix"), "option prefix: has no value; write key=value"
    ),
    (
      Request.message([], parameter: "module_mapping=a.proto"),
      "option module_mapping: is malformed; write module_mapping=file.proto=Module"
    ),
  ])
  func isOneLine(_ request: Request, _ line: String) throws {
    let response = try generate(request)
    #expect(response.error == line)
    #expect(response.file.isEmpty)
  }

  private static let names: [(Request, String)] = [
    (
      Request.two("b.proto", { $0.messageType = [.named("Item")] }) {
        $0.messageType = [.named("item")]
      },
      "test.proto: Item: b.Item in b.proto and test.item in test.proto have the same Swift "
        + "name; rename one, give its file option swift_prefix, or put it into another target"
    ),
    (
      Request.file { $0.options = .with { $0.swiftPrefix = "1x" } },
      "test.proto: option swift_prefix is \"1x\", with which no Swift name can begin; use letters, "
        + "digits and underscores, and no digit at the start"
    ),
    (
      Request.file { $0.options = .with { $0.swiftPrefix = "a b" } },
      "test.proto: option swift_prefix is \"a b\", with which no Swift name can begin; use letters, "
        + "digits and underscores, and no digit at the start"
    ),
    (
      Request.file(parameter: "services=none") { $0.service = [.with { $0.name = "Shop" }] },
      "test.proto: test.Shop: a service needs the RPC runtime; let the target depend on the product "
        + "Amaru"
    ),
    (
      Request.message([], parameter: "services=some"),
      "option services: has the value some; write all or none"
    ),
    (
      Request.message([], parameter: "prefix=1x"),
      "option prefix: has the prefix 1x, with which no Swift name can begin; use letters, digits "
        + "and underscores, and no digit at the start"
    ),
    (
      Request.message([], parameter: "module_mapping=a.proto=Common=a b"),
      "option module_mapping: has the prefix a b, with which no Swift name can begin; use letters, "
        + "digits and underscores, and no digit at the start"
    ),
    (
      Request.message([.field("test_proto", 1)]),
      "test.proto: testProto: a declaration hides the constant of the file; pass the option module= "
        + "with the name of the Swift module"
    ),
  ]

  @Test(arguments: names)
  func aNameThatCannotBeIsOneLine(_ request: Request, _ line: String) throws {
    #expect(try generate(request).error == line)
  }

  @Test func hiddenTypeNeedsTheModule() throws {
    let outer = Descriptor.with { message in
      message.name = "Outer"
      message.nestedType = [.named("Item")]
      message.field = [.field("item", 1, .message, typeName: ".test.Item")]
    }
    func request(_ parameter: String) -> Request {
      .file(parameter: parameter) { $0.messageType = [.named("Item"), outer] }
    }
    let refused = try generate(request(""))
    #expect(
      refused.error == "test.proto: Outer: a nested type hides the type Item that a field has; "
        + "pass the option module= with the name of the Swift module")
    let accepted = try #require(try generate(request("module=Shop")).file.first?.content)
    #expect(accepted.contains("public var item: Shop::Item?"))
  }

  @Test func truncatedRequestsThrow() throws {
    let request = try GoldenRequest.load("Plain").encoded()
    for count in stride(from: 0, to: request.count, by: 7) {
      // A prefix is an error or a request with fewer files; it never traps.
      _ = try? CodeGenerator.respond(to: request.span.bytes.extracting(first: count))
    }
  }
}
