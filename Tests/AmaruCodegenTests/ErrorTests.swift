// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import Testing

@testable import AmaruCodegen

/// Everything the generator cannot do is one line with file, name and cure.
struct ErrorTests {
  @Test(arguments: [
    (
      Request.message([.field("foo_bar", 1), .field("fooBar", 2)]),
      "test.proto: test.Test: foo_bar and fooBar both become fooBar in Swift; rename one of them"
    ),
    (
      Request.file { $0.messageType = [.named("Item"), .named("item")] },
      "test.proto: Item: test.Item in test.proto and test.item in test.proto have the same Swift "
        + "name; rename one or give its file option swift_prefix"
    ),
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
      Request.file {
        $0.messageType = [.named("Item")]
        $0.extension = [
          .extending(".test.Item", "my_value", 1), .extending(".test.Item", "myValue", 2),
        ]
      },
      "test.proto: test.: my_value and myValue both become myValue in Swift; rename one of them"
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
        + "file_naming, imports"
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
    #expect(accepted.contains("public var item: Shop.Item?"))
  }

  @Test func truncatedRequestsThrow() throws {
    let request = try GoldenRequest.load("Plain").encoded()
    for count in stride(from: 0, to: request.count, by: 7) {
      // A prefix is an error or a request with fewer files; it never traps.
      _ = try? CodeGenerator.respond(to: request.span.bytes.extracting(first: count))
    }
  }
}
