// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import Testing

struct MetadataTests {
  @Test(arguments: [
    ("", MetadataError.invalidName("")),
    ("with space", .invalidName("with space")),
    ("colon:", .invalidName("colon:")),
    (":path", .invalidName(":path")),
    ("new\nline", .invalidName("new\nline")),
    ("é", .invalidName("é")),
    ("a\0", .invalidName("a\0")),
    ("grpc-status", .reservedName("grpc-status")),
    ("GRPC-Anything", .reservedName("GRPC-Anything")),
    ("Content-Type", .reservedName("Content-Type")),
    ("te", .reservedName("te")),
    ("connection", .reservedName("connection")),
    ("host", .reservedName("host")),
    ("content-length", .reservedName("content-length")),
    ("key-bin", .bytesExpected("key-bin")),
    ("KEY-BIN", .bytesExpected("key-bin")),
  ])
  func aNameThatMayNotCarryTextIsRefused(_ name: String, _ expected: MetadataError) {
    var metadata = Metadata()
    #expect(throws: expected) { try metadata.add(name, "text") }
    #expect(metadata.isEmpty)
  }

  @Test(arguments: ["é", "tab\t", "\n", "a\u{7f}", " front", "back ", " "])
  func textThatHTTPWouldChangeIsRefused(_ text: String) {
    var metadata = Metadata()
    #expect(throws: MetadataError.notPrintableASCII("key")) { try metadata.add("key", text) }
  }

  @Test(arguments: ["a", "a.b", "a_b", "a-b", "0", "x-bin-x", "grpc", "bin", "te2"])
  func aPlainNameIsKept(_ name: String) throws {
    var metadata = Metadata()
    try metadata.add(name, "in between ~!")
    #expect(metadata.text(name) == "in between ~!")
  }

  @Test func anEmptyTextIsAllowed() throws {
    var metadata = Metadata()
    try metadata.add("key", "")
    #expect(metadata.text("key") == "")
  }

  @Test func bytesNeedABinaryName() throws {
    var metadata = Metadata()
    #expect(throws: MetadataError.textExpected("key")) { try metadata.add("key", [1]) }
    #expect(throws: MetadataError.reservedName("grpc-status-details-bin")) {
      try metadata.add("grpc-status-details-bin", [1])
    }
    try metadata.add("Key-Bin", [0, 255])
    #expect(metadata.binary("key-bin") == [0, 255])
    #expect(metadata.text("key-bin") == nil)
  }

  @Test func namesRepeatInOrderAndAreFoundInAnyCase() throws {
    var metadata = Metadata()
    try metadata.add("Key", "1")
    try metadata.add("other", "2")
    try metadata.add("KEY", "3")
    #expect(metadata["kEy"] == [.text("1"), .text("3")])
    #expect(metadata.text("KEY") == "1")
    #expect(metadata.entries.map(\.name) == ["key", "other", "key"])
    #expect(metadata.count == 3)
    #expect(metadata["absent"].isEmpty)
  }

  @Test func appendingKeepsBothInOrder() throws {
    var first = Metadata()
    try first.add("a", "1")
    var second = Metadata()
    try second.add("a", "2")
    try second.add("b-bin", [1])
    first.append(second)
    #expect(first["a"] == [.text("1"), .text("2")])
    #expect(first.binary("b-bin") == [1])
  }

  @Test func everyErrorNamesTheCulprit() {
    let errors: [MetadataError] = [
      .invalidName("n1"), .reservedName("n1"), .bytesExpected("n1"), .textExpected("n1"),
      .notPrintableASCII("n1"),
    ]
    for error in errors { #expect(error.description.contains("n1")) }
  }
}
