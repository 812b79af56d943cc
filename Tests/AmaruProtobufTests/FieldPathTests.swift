// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf
import GoldenEditions
import GoldenRules
import Testing

/// Fields by the names on the way, and values by their texts. What HTTP rules make of them is tested in `AmaruProtocolsTests`.
struct FieldPathTests {
  /// A message with the value of a text at a path.
  private func message<M: AmaruProtobuf.Message>(
    _ type: M.Type, _ path: String, _ text: String
  ) throws -> M {
    let field = try FieldPath(path, in: M.descriptor)
    let value = try #require(field.last.value(parsing: text))
    var writer = BackWriter()
    field.write(value, to: &writer)
    return try M(decoding: writer.takeBytes(), allowsMissingFields: true)
  }

  @Test func pathsLeadThroughMessagesAndGroups() throws {
    #expect(try message(Query.self, "child.child.text", "a").child?.child?.text == "a")
    #expect(try message(Fields.self, "prefixed.text", "a").prefixed?.text == "a")
    #expect(try message(Fields.self, "delimited.text", "a").delimited?.text == "a")
    let deep = try message(Fields.self, "delimited.within.prefixed.within.delimited.text", "a")
    #expect(deep.delimited?.within?.prefixed?.within?.delimited?.text == "a")
    #expect(try message(Fields.self, "expanded", "5").expanded == [5])
    #expect(try message(Fields.self, "packed", "5").packed == [5])
  }

  @Test func pathsOnTopOfEachOtherAreMerged() throws {
    var writer = BackWriter()
    for (name, text) in [("child.text", "a"), ("child.words", "b"), ("child.words", "c")].reversed() {
      let path = try FieldPath(name, in: Query.descriptor)
      path.write(try #require(path.last.value(parsing: text)), to: &writer)
    }
    let child = try Query(decoding: writer.takeBytes()).child
    #expect(child?.text == "a")
    #expect(child?.words == ["b", "c"])
  }

  @Test(arguments: [
    ("", FieldPathError.noSuchField("", message: "rules.Query")),
    ("chil", .noSuchField("chil", message: "rules.Query")),
    ("child..text", .noSuchField("", message: "rules.Query")),
    ("child.text.", .notAMessage("rules.Query.text")),
    ("books.name", .notAMessage("rules.Query.books")),
    ("labels.key", .notAMessage("rules.Query.labels")),
    ("since.second", .noSuchField("second", message: "google.protobuf.Timestamp")),
  ])
  func aPathToNoFieldIsAnError(_ path: String, _ error: FieldPathError) throws {
    let descriptor = try Query.descriptor
    #expect(throws: error) { try FieldPath(path, in: descriptor) }
    #expect(!error.description.isEmpty)
  }

  @Test func aPathIsAsDeepAsMessagesMayBe() throws {
    let descriptor = try Query.descriptor
    let most = String(repeating: "child.", count: Reader.defaultDepthLimit - 1)
    #expect(try FieldPath(most + "text", in: descriptor).fields.count == Reader.defaultDepthLimit)
    #expect(throws: FieldPathError.tooDeep) {
      try FieldPath(most + "child.text", in: descriptor)
    }
    _ = try message(Query.self, most + "text", "a")
  }

  @Test func aClosedEnumTakesOnlyItsNumbers() throws {
    let closed = try FieldPath("closed", in: Fields.descriptor).last
    #expect(closed.value(parsing: "CLOSED_TWO") == .enumeration(2))
    #expect(closed.value(parsing: "2") == .enumeration(2))
    #expect(closed.value(parsing: "3") == nil)
    let open = try FieldPath("open", in: Fields.descriptor).last
    #expect(open.value(parsing: "3") == .enumeration(3))
    #expect(open.value(parsing: "+3x") == nil)
  }

  @Test(arguments: ["child", "labels", "books", "free"])
  func messagesMapsAndStructsHaveNoText(_ name: String) throws {
    let field = try FieldPath(name, in: Query.descriptor).last
    #expect(!field.hasTextForm)
    #expect(field.value(parsing: "{}") == nil)
  }

  @Test(arguments: [
    ("page_size", "\u{661}"), ("page_size", " 1"), ("page_size", "1 "), ("page_size", "\"1\""),
    ("page_size", "1\\"), ("page_size", "0x1"), ("page_size", "1.5"), ("page_size", "null"),
    ("score", "infinity"), ("is_new", "TRUE"), ("token", "a"), ("since", "2026-13-01T00:00:00Z"),
    ("age", "s"), ("mask", "a_b,"), ("maybe_flag", "yes"), ("maybe_number", ""),
  ])
  func whatIsNoValueIsNone(_ name: String, _ text: String) throws {
    #expect(try FieldPath(name, in: Query.descriptor).last.value(parsing: text) == nil)
  }
}
