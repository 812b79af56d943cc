// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import Testing

@testable import AmaruCodegen

/// Which singular message fields are kept behind a reference.
@Suite struct IndirectionTests {
  /// The text of a file where `Outer` has a field of `Inner`, which has `count` int64 fields.
  private func outer(_ count: Int) throws -> String {
    let numbers = (1...count).map { FieldDescriptor.field("f\($0)", Int32($0), .int64) }
    var inner = FieldDescriptor.field("inner", 1, .message)
    inner.typeName = ".test.Inner"
    let response = try generate(
      .file { $0.messageType = [.named("Inner", numbers), .named("Outer", [inner])] })
    #expect(response.error == nil)
    return try #require(response.file.first?.content)
  }

  /// One word is that of the unknown fields.
  @Test func aMessageOfSixtyFourWordsIsStoredInside() throws {
    #expect(try outer(Indirection.largestInline - 1).contains("public var inner: Inner?\n"))
  }

  @Test func aLargerOneIsStoredBehindAReference() throws {
    #expect(try outer(Indirection.largestInline).contains("Box<Inner>"))
  }
}
