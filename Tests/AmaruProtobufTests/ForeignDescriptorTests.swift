// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenEditions
import Testing

/// Descriptors that may say anything.
struct ForeignDescriptorTests {
  typealias File = Google_Protobuf_FileDescriptorProto
  typealias Message = Google_Protobuf_DescriptorProto
  typealias Field = Google_Protobuf_FieldDescriptorProto

  private static func field(
    _ name: String, _ number: Int32, _ type: Field.TypeEnum? = .int32, _ typeName: String? = nil,
    _ label: Field.Label = .optional
  ) -> Field {
    .with {
      $0.name = name
      $0.number = number
      $0.type = type
      $0.typeName = typeName
      $0.label = label
    }
  }

  /// A file that is in order: a message `p.M` with the field `a = 1`, a map, an enum.
  private static var file: File {
    .with {
      $0.name = "f.proto"
      $0.package = "p"
      $0.messageType = [
        .with { message in
          message.name = "M"
          message.field = [field("a", 1), field("m", 2, .message, ".p.M.MEntry", .repeated)]
          message.nestedType = [
            .with {
              $0.name = "MEntry"
              $0.options = .with { $0.mapEntry = true }
              $0.field = [field("key", 1, .string), field("value", 2, .message, "M")]
            }
          ]
          message.extensionRange = [
            .with { ($0.start, $0.end) = (100, 200) }
          ]
        }
      ]
      $0.enumType = [
        .with {
          $0.name = "E"
          $0.value = [.with { ($0.name, $0.number) = ("E_ZERO", 0) }]
        }
      ]
      $0.service = [
        .with {
          $0.name = "S"
          $0.method = [.with { ($0.name, $0.inputType, $0.outputType) = ("Do", ".p.M", "M") }]
        }
      ]
    }
  }

  private func refuse(
    _ symbol: String, _ reason: String, _ change: (inout File) -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var file = Self.file
    change(&file)
    let error = #expect(throws: DescriptorError.self, sourceLocation: sourceLocation) {
      try DescriptorPool(.with { $0.file = [file] })
    }
    #expect(error?.file == "f.proto", sourceLocation: sourceLocation)
    #expect(error?.symbol == symbol, sourceLocation: sourceLocation)
    #expect(error?.reason.contains(reason) == true, "\(error as Any)", sourceLocation: sourceLocation)
  }

  @Test func goodFileIsLinked() throws {
    let pool = try DescriptorPool(.with { $0.file = [Self.file, Self.file] })
    let message = try #require(pool.message(named: "p.M"))
    #expect(pool.files.count == 1)
    #expect(message.field(named: "m")?.mapValue?.messageType == message)
    #expect(pool.service(named: "p.S")?.method(named: "Do")?.output == message)
  }

  @Test func filesAreRefused() {
    refuse("", "import \"x.proto\" is missing") { $0.dependency = ["x.proto"] }
    refuse("", "cycle") { $0.dependency = ["f.proto"] }
    refuse("", "does not exist") { $0.publicDependency = [0] }
    refuse("", "does not exist") { $0.weakDependency = [-1] }
    refuse("", "syntax") { $0.syntax = "proto4" }
    refuse("", "edition") { $0.syntax = "editions" }
    refuse("", "package") { $0.package = "p..q" }
    refuse("", "package") { $0.package = "1" }
    refuse("p.M", "taken") { $0.messageType.append($0.messageType[0]) }
    refuse("p.M", "taken") { $0.enumType[0].name = "M" }
    refuse("p.M", "taken") { $0.enumType[0].value[0].name = "M" }
    refuse("p.S", "taken") { $0.service.append($0.service[0]) }
    refuse("p.S.Do", "taken") { $0.service[0].method.append($0.service[0].method[0]) }
    refuse("p.S.Do", "is missing") { $0.service[0].method[0].inputType = ".p.N" }
    refuse("p.S.Do", "is missing") { $0.service[0].method[0].outputType = "E" }
    #expect(throws: DescriptorError(file: "", reason: "the file has no name")) {
      try DescriptorPool(.with { $0.file = [File()] })
    }
    #expect(throws: DescriptorError.self) {
      let other = File.with { ($0.name, $0.package) = ("f.proto", "other") }
      return try DescriptorPool(.with { $0.file = [Self.file, other] })
    }
    #expect(throws: DescriptorError.self) {
      // A package cannot be a message too, whichever comes first.
      let other = File.with { ($0.name, $0.package) = ("g.proto", "p.M") }
      return try DescriptorPool(.with { $0.file = [Self.file, other] })
    }
  }

  @Test func importsMayComeInAnyOrderButNotInACircle() throws {
    func file(_ name: String, _ imports: [String]) -> File {
      .with { ($0.name, $0.dependency) = (name, imports) }
    }
    let good = [file("a", ["b", "c"]), file("b", ["c"]), file("c", [])]
    #expect(try DescriptorPool(.with { $0.file = good }).file(named: "a")?.imports.count == 2)
    let bad = [file("a", ["b"]), file("b", ["c"]), file("c", ["b"])]
    #expect(throws: DescriptorError(file: "b", reason: "its imports form a cycle")) {
      try DescriptorPool(.with { $0.file = bad })
    }
    // Long chains take no stack.
    var chain = (0..<10_000).map { file("\($0)", ["\($0 + 1)"]) }
    chain.append(file("10000", []))
    #expect(try DescriptorPool(.with { $0.file = chain }).files.count == 10_001)
  }

  @Test func fieldsAreRefused() {
    func refuseField(_ reason: String, _ change: (inout Field) -> Void) {
      refuse("p.M.a", reason) { change(&$0.messageType[0].field[0]) }
    }
    refuseField("number 0") { $0.number = 0 }
    refuseField("number -1") { $0.number = -1 }
    refuseField("number 19000") { $0.number = 19_000 }
    refuseField("number 536870912") { $0.number = 536_870_912 }
    refuseField("for extensions") { $0.number = 199 }
    refuseField("no type") { $0.type = nil }
    refuseField("is missing") { ($0.type, $0.typeName) = (.message, ".p.N") }
    refuseField("is missing") { ($0.type, $0.typeName) = (nil, "N") }
    refuseField("another kind") { ($0.type, $0.typeName) = (.message, ".p.E") }
    refuseField("another kind") { ($0.type, $0.typeName) = (.enum, ".p.M") }
    refuseField("another kind") { ($0.type, $0.typeName) = (.message, ".p.S") }
    refuseField("another kind") { ($0.type, $0.typeName) = (.message, ".p") }
    refuseField("scalar") { $0.typeName = ".p.M" }
    refuseField("oneof does not exist") { $0.oneofIndex = 0 }
    refuseField("oneof does not exist") { $0.oneofIndex = -1 }
    refuseField("no oneof") { $0.proto3Optional = true }
    refuseField("default") { $0.defaultValue = "x" }
    refuseField("default") { $0.defaultValue = "2147483648" }
    refuseField("default") { ($0.label, $0.defaultValue) = (.repeated, "1") }
    refuseField("default") { ($0.type, $0.defaultValue) = (.bool, "yes") }
    refuseField("default") { ($0.type, $0.defaultValue) = (.bytes, "\\") }
    refuseField("default") { ($0.type, $0.typeName, $0.defaultValue) = (.enum, "E", "NONE") }
    refuseField("default") { ($0.type, $0.typeName, $0.defaultValue) = (.message, "M", "") }
    refuseField("packed") { $0.options = .with { $0.packed = true } }
    refuseField("packed") {
      ($0.type, $0.label, $0.options) = (.string, .repeated, .with { $0.packed = true })
    }
    refuse("p.M.a", "proto3") {
      $0.syntax = "proto3"
      $0.messageType[0].field[0].label = .required
    }
    refuse("p.M.m", "number 1") { $0.messageType[0].field[1].number = 1 }
    refuse("p.M.a", "taken") { $0.messageType[0].field[1].name = "a" }
    refuse("p.M.", "not valid") { $0.messageType[0].field[0].name = nil }
    refuse("p.M.1a", "not valid") { $0.messageType[0].field[0].name = "1a" }
    refuse("p.M.a-b", "not valid") { $0.messageType[0].field[0].name = "a-b" }
  }

  @Test func messagesAndEnumsAreRefused() {
    func refuseMessage(_ reason: String, _ change: (inout Message) -> Void) {
      refuse("p.M", reason) { change(&$0.messageType[0]) }
    }
    refuseMessage("range") { $0.extensionRange[0].end = 100 }
    refuseMessage("range") { $0.extensionRange[0].start = 0 }
    refuseMessage("range") { $0.extensionRange[0].end = 536_870_913 }
    refuseMessage("range") { $0.extensionRange.append($0.extensionRange[0]) }
    refuseMessage("range") { $0.reservedRange = [.with { ($0.start, $0.end) = (199, 300) }] }
    refuseMessage("reserved") { $0.reservedRange = [.with { ($0.start, $0.end) = (1, 2) }] }
    refuseMessage("reserved") { $0.reservedName = ["a"] }
    refuse("p.M.o", "no fields") { $0.messageType[0].oneofDecl = [.with { $0.name = "o" }] }
    refuse("p.M.a", "message set") {
      $0.messageType[0].options = .with { $0.messageSetWireFormat = true }
    }
    refuse("p.M.a", "singular") {
      $0.messageType[0].oneofDecl = [.with { $0.name = "o" }]
      $0.messageType[0].field[0].oneofIndex = 0
      $0.messageType[0].field[0].label = .repeated
    }
    refuse("p.E", "no values") { $0.enumType[0].value = [] }
    refuse("p.E", "number 0") { $0.enumType[0].value.append(.with { $0.name = "E_NULL" }) }
    refuse("p.E", "not zero") {
      $0.syntax = "proto3"
      $0.enumType[0].value[0].number = 1
    }
    refuse("p.E_ZERO", "taken") {
      $0.enumType[0].value.append(.with { ($0.name, $0.number) = ("E_ZERO", 1) })
    }
  }

  @Test func mapsAreRefused() {
    func refuseEntry(
      _ reason: String, _ symbol: String = "p.M.MEntry", _ change: (inout Message) -> Void
    ) {
      refuse(symbol, reason) { change(&$0.messageType[0].nestedType[0]) }
    }
    refuseEntry("other parts") { _ = $0.field.popLast() }
    refuseEntry("other parts") { $0.field.append(Self.field("more", 3)) }
    refuseEntry("lacks") { $0.field[0].number = 3 }
    refuseEntry("lacks") { $0.field[1].name = "val" }
    refuseEntry("lacks") { $0.field[1].label = .repeated }
    refuseEntry("not allowed") { $0.field[0].type = .float }
    refuseEntry("not allowed") { ($0.field[0].type, $0.field[0].typeName) = (.message, "M") }
    refuseEntry("outside of its map", "p.M.MEntry.value") { $0.field[1].typeName = "MEntry" }
    refuse("p.M.m", "outside of its map") { $0.messageType[0].field[1].label = .optional }
    refuse("p.N.m", "outside of its map") { file in
      file.messageType.append(
        .with {
          $0.name = "N"
          $0.field = [Self.field("m", 1, .message, ".p.M.MEntry", .repeated)]
        })
    }
    refuse("p.N", "no map") { file in
      file.messageType.append(
        .with {
          $0.name = "N"
          $0.options = .with { $0.mapEntry = true }
        })
    }
  }

  @Test func extensionsAreRefused() {
    func refuseExtension(_ reason: String, _ change: (inout Field) -> Void) {
      refuse("p.x", reason) { file in
        var field = Self.field("x", 100)
        field.extendee = ".p.M"
        change(&field)
        file.extension = [field]
      }
    }
    refuseExtension("is missing") { $0.extendee = nil }
    refuseExtension("is missing") { $0.extendee = ".p.E" }
    refuseExtension("no extension number 99") { $0.number = 99 }
    refuseExtension("no extension number 200") { $0.number = 200 }
    refuseExtension("required") { $0.label = .required }
    refuseExtension("oneof") { $0.oneofIndex = 0 }
    refuse("p.y", "another extension") { file in
      var field = Self.field("x", 100)
      field.extendee = "M"
      file.extension = [field]
      field.name = "y"
      file.extension.append(field)
    }
  }

  /// Found by fuzzing: a group that is not named as its message could not be read as text.
  @Test func groupsOfAnyNameSurviveAsText() throws {
    var file = Self.file
    file.messageType[0].field = [
      Self.field("other", 1, .group, "M"), Self.field("m", 2, .group, "M"),
      Self.field("e", 3, .group, "E"),
    ]
    file.messageType[0].nestedType = [.with { $0.name = "E" }]
    let pool = try DescriptorPool(.with { $0.file = [file] })
    let type = try #require(pool.message(named: "p.M"))
    var message = DynamicMessage(type)
    for field in type.fields {
      try message.set(field, to: field.messageType.map { .message(.init($0)) })
    }
    let text = message.textFormat()
    #expect(text == "other {\n}\nm {\n}\nE {\n}\n")
    #expect(try DynamicMessage(type, text: text) == message)
  }

  @Test func nestingAndNamesHaveLimits() throws {
    func nested(_ depth: Int) -> File {
      var message = Message.with { $0.name = "M" }
      for _ in 1..<depth {
        let inner = message
        message = .with { ($0.name, $0.nestedType) = ("M", [inner]) }
      }
      return .with { ($0.name, $0.messageType) = ("f.proto", [message]) }
    }
    #expect(try DescriptorPool(.with { $0.file = [nested(100)] }).files.count == 1)
    #expect(throws: DescriptorError.self) { try DescriptorPool(.with { $0.file = [nested(101)] }) }
    func named(_ length: Int) -> File {
      let name = String(repeating: "n", count: length)
      return .with { ($0.name, $0.enumType, $0.messageType) = ("f.proto", [], [.with { $0.name = name }]) }
    }
    #expect(try DescriptorPool(.with { $0.file = [named(1024)] }).files.count == 1)
    #expect(throws: DescriptorError.self) { try DescriptorPool(.with { $0.file = [named(1025)] }) }
  }
}
